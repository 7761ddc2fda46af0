// The Worker as it is, with a meter of what Cloudflare bills: requests to the Worker and to objects (alarms are requests),
// the time in which an object has something to do, rows read and written (setAlarm writes one); and of what it limits:
// alarms, requests to the outside. GET /__cost tells and resets.
import Footnote, * as objects from "../src/entry.mjs";

const fresh = () => ({ worker_requests: 0, object_requests: 0, rows_written: 0, rows_read: 0, active_ms: 0, alarms: 0, sub_requests: 0 });
let all = {};
let cursors = [];

function of(name) {
  return (all[name] ??= fresh());
}

const outside = globalThis.fetch;
globalThis.fetch = (...given) => {
  of("outside").sub_requests += 1;
  return outside(...given);
};

/** The same object, whose functions still know whom they belong to, with some of them replaced. */
function wrapped(target, replaced) {
  return new Proxy(target, {
    get(target, name) {
      if (name in replaced) return replaced[name];
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function metered(name, Base) {
  return class extends Base {
    #busy = 0;
    #since = 0;
    constructor(ctx, env) {
      const sql = wrapped(ctx.storage.sql, {
        exec(query, ...bindings) {
          const cursor = ctx.storage.sql.exec(query, ...bindings);
          cursors.push([name, cursor]);
          return cursor;
        },
      });
      const storage = wrapped(ctx.storage, {
        sql,
        setAlarm(...given) {
          of(name).rows_written += 1;
          return ctx.storage.setAlarm(...given);
        },
      });
      super(wrapped(ctx, { storage }), env);
    }
    async #measured(run) {
      of(name).object_requests += 1;
      if (this.#busy++ === 0) this.#since = Date.now();
      try {
        return await run();
      } finally {
        if (--this.#busy === 0) of(name).active_ms += Date.now() - this.#since;
      }
    }
    fetch(request) {
      return this.#measured(() => super.fetch(request));
    }
    alarm(info) {
      of(name).alarms += 1;
      return this.#measured(() => super.alarm(info));
    }
  };
}

export const JobObject = metered("JobObject", objects.JobObject);
export const LibraryObject = metered("LibraryObject", objects.LibraryObject);
export const AccountObject = metered("AccountObject", objects.AccountObject);
export const KeyringObject = metered("KeyringObject", objects.KeyringObject);
export const SchedulerObject = metered("SchedulerObject", objects.SchedulerObject);
export const SiteObject = metered("SiteObject", objects.SiteObject);

export default class extends Footnote {
  fetch(request) {
    if (new URL(request.url).pathname !== "/__cost") {
      of("Worker").worker_requests += 1;
      return super.fetch(request);
    }
    for (const [name, cursor] of cursors) {
      of(name).rows_written += cursor.rowsWritten;
      of(name).rows_read += cursor.rowsRead;
    }
    const told = all;
    [all, cursors] = [{}, []];
    return Response.json(told);
  }
}
