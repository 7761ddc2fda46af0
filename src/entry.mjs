// The main module. It wraps what Rust exports and gives every handler a time limit, because a handler that hangs
// (a trap inside wasm never settles its promise) keeps its object's only alarm handler for up to 15 minutes.
// This is the only place that may call abort(): from inside wasm it wedges the whole isolate.
import worker, * as objects from "../build/index.js";

const ALARM_MS_MAX = 120_000; // a 25 s slice and the longest effect (90 s), and 5 s to commit
const FETCH_MS_MAX = 30_000; // the longest fetch is a document read for its caller: 15 s, retried never
const FRONT_MS_MAX = 60_000; // an object's 30 s, and as long again for a caller that uploads slowly

function limited(run, limitMs, what, onLimit) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => {
      onLimit?.();
      reject(new Error(`${what} took longer than ${limitMs} ms`));
    }, limitMs);
  });
  return Promise.race([Promise.resolve().then(run), limit]).finally(() => clearTimeout(timer));
}

function guarded(Base) {
  return class extends Base {
    #ctx;
    constructor(ctx, env) {
      super(ctx, env);
      this.#ctx = ctx;
    }
    fetch(request) {
      return limited(() => super.fetch(request), FETCH_MS_MAX, "fetch");
    }
    alarm() {
      return limited(() => super.alarm(), ALARM_MS_MAX, "alarm", () => this.#ctx.abort("alarm() hung"));
    }
  };
}

export const JobObject = guarded(objects.JobObject);
export const LibraryObject = guarded(objects.LibraryObject);
export const AccountObject = guarded(objects.AccountObject);
export const KeyringObject = guarded(objects.KeyringObject);
export const SchedulerObject = guarded(objects.SchedulerObject);

// Clients read every reply as JSON, so even this one is.
const hung = () =>
  new Response(JSON.stringify({ ...UNAVAILABLE, detail: UNAVAILABLE.error, message: UNAVAILABLE.error }), {
    status: UNAVAILABLE.status,
    headers: { "content-type": "application/problem+json", "retry-after": "2", "cache-control": "no-store" },
  });
const UNAVAILABLE = {
  type: "about:blank",
  title: "Service Unavailable",
  status: 503,
  error: "this request could not be carried out: try again",
  code: "unavailable",
};

export default class extends worker {
  fetch(request) {
    return limited(() => super.fetch(request), FRONT_MS_MAX, "request").catch((error) => {
      console.error(error);
      return hung();
    });
  }
}
