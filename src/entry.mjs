// The main module. It wraps what Rust exports and gives every handler a time limit, because a handler that hangs
// (a trap inside wasm never settles its promise) keeps its object's only alarm handler for up to 15 minutes.
// This is the only place that may call abort(): from inside wasm it wedges the whole isolate.
import worker, * as objects from "../build/index.js";

const ALARM_MS_MAX = 120_000; // a 25 s slice, the longest effect, and 5 s to commit
const JOB_ALARM_MS_MAX = 700_000; // 60 s until there is room, a 25 s slice, the longest a model may take (600 s, `TIMEOUT_S_MAX`), and 15 s to commit
const FETCH_MS_MAX = 35_000; // the longest fetch waits 25 s for news, or reads a document for its caller in 15 s
const FRONT_MS_MAX = 60_000; // an object's 35 s, and as long again for a caller that uploads slowly
const WRECK_MS_MIN = 500; // when a call first looks whether its wasm instance still lives; twice as long after each look
const WRECK_MS_MAX = 2_000; // looking wakes the isolate: a run of half a minute, three calls looking twice a second, spent 70 ms of CPU on it

// Kept by worker-build's glue: a trap sets `criticalError`, and the next call builds a new instance under a new number.
const instance = globalThis.__worker_init_state;

// Runs a call that may never settle: a trap, in this call or in any other of the same instance, ends what the instance
// was doing without a word. So every call has a limit, and ends as soon as its instance is lost.
function limited(run, limitMs, what, onLimit) {
  let timer;
  let looking;
  let born;
  const limit = new Promise((_, reject) => {
    const give = (why) => {
      onLimit?.(why);
      reject(new Error(`${what} ${why}`));
    };
    timer = setTimeout(() => give(`took longer than ${limitMs} ms`), limitMs);
    const look = (ms) => {
      const lost = instance.criticalError || (born !== undefined && born !== instance.instanceId);
      if (lost) give("was lost with its wasm instance");
      else looking = setTimeout(look, ms, Math.min(ms * 2, WRECK_MS_MAX));
    };
    looking = setTimeout(look, WRECK_MS_MIN, WRECK_MS_MIN * 2);
  });
  const work = Promise.resolve().then(() => {
    const running = run();
    born = instance.instanceId;
    return running;
  });
  return Promise.race([work, limit]).finally(() => {
    clearTimeout(timer);
    clearTimeout(looking);
  });
}

function guarded(Base, alarmMsMax = ALARM_MS_MAX) {
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
      return limited(() => super.alarm(), alarmMsMax, "alarm", (why) => this.#ctx.abort(`alarm() ${why}`));
    }
  };
}

export const JobObject = guarded(objects.JobObject, JOB_ALARM_MS_MAX);
export const LibraryObject = guarded(objects.LibraryObject);
export const AccountObject = guarded(objects.AccountObject);
export const KeyringObject = guarded(objects.KeyringObject);
export const SchedulerObject = guarded(objects.SchedulerObject);
export const SiteObject = guarded(objects.SiteObject);

// Clients read every reply as JSON, so even this one is.
const hung = (id) =>
  new Response(JSON.stringify({ ...UNAVAILABLE, detail: UNAVAILABLE.error, message: UNAVAILABLE.error }), {
    status: UNAVAILABLE.status,
    headers: {
      "content-type": "application/problem+json",
      "retry-after": "2",
      "cache-control": "no-store",
      "x-request-id": id,
    },
  });
// What was lost with its instance has no line of src/edge/traffic.rs, so it gets one here, under the id that it would have.
const lost = (request, error) => {
  const given = request.headers.get("x-request-id") ?? request.headers.get("cf-ray") ?? "";
  const id = given.replace(/[^A-Za-z0-9._:-]/g, "").slice(0, 64) || crypto.randomUUID().replaceAll("-", "");
  const time = new Date().toISOString();
  const { method } = request;
  console.error(
    JSON.stringify({ time, level: "error", event: "request_lost", request_id: id, method, cause: error.message }),
  );
  return id;
};
const UNAVAILABLE = {
  type: "about:blank",
  title: "Service Unavailable",
  status: 503,
  error: "this request could not be carried out: try again",
  code: "unavailable",
};

export default class extends worker {
  fetch(request) {
    const once = () => limited(() => super.fetch(request), FRONT_MS_MAX, "request");
    // Looking again does no harm, and most clients give a job up at the first 5xx.
    const again = (error) => {
      const id = lost(request, error);
      return ["GET", "HEAD"].includes(request.method) ? once() : hung(id);
    };
    return once().catch(again).catch((error) => hung(lost(request, error)));
  }
}
