// The Worker as it is, with faults on demand: a module around src/entry.mjs that only tests load. `POST /__fault` with
// {object, name, fault, times} reaches one object: its next alarms throw, or its alarm is deleted. {fault: "trap"} springs a
// trap inside wasm: whatever reads the clock next, a job in the middle of its work or a request, runs into it.
import Footnote, * as objects from "../src/entry.mjs";

let trap = false;
// Rust reads the clock through here, by a binding that expects no exception: what is thrown tears through the wasm frames
// as a panic does (with panic=abort that is the instruction `unreachable`), and the glue takes the same way out.
globalThis.Date = class extends Date {
  constructor(...given) {
    if (trap && given.length === 0) {
      trap = false;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    super(...given);
  }
};

function faulty(Base) {
  return class extends Base {
    #ctx;
    #throws = 0;
    constructor(ctx, env) {
      super(ctx, env);
      this.#ctx = ctx;
    }
    async fetch(request) {
      if (new URL(request.url).pathname !== "/__fault") return super.fetch(request);
      const { fault, times = 1 } = await request.json();
      if (fault === "delete_alarm") await this.#ctx.storage.deleteAlarm();
      if (fault === "throw") this.#throws = times;
      if (fault === "alarm_at") return Response.json({ at: await this.#ctx.storage.getAlarm() });
      return new Response(null, { status: 204 });
    }
    alarm(info) {
      if (this.#throws > 0) {
        this.#throws -= 1;
        throw new Error("a fault that a test asked for");
      }
      return super.alarm(info);
    }
  };
}

export const JobObject = faulty(objects.JobObject);
export const AccountObject = faulty(objects.AccountObject);
export const SchedulerObject = faulty(objects.SchedulerObject);
export const { KeyringObject, LibraryObject } = objects;

export default class extends Footnote {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/__fault") return super.fetch(request);
    const order = await request.json();
    if (order.fault === "trap") {
      trap = true;
      return new Response(null, { status: 204 });
    }
    const namespace = this.env[order.object];
    const stub = namespace.get(namespace.idFromName(order.name));
    return stub.fetch("http://object/__fault", { method: "POST", body: JSON.stringify(order) });
  }
}
