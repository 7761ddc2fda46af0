// The Worker as it is, with faults on demand: a module around src/entry.mjs that only tests load. `POST /__fault` with
// {object, name, fault, times} reaches one object: its next alarms throw, or its alarm is deleted. {fault: "trap"} springs a
// trap inside wasm: whatever reads the clock next, a job in the middle of its work or a request, runs into it. {fault: "clock"}
// sets Rust's clock forward by so many minutes; {fault: "wake"} has an object's alarm fire now.
import Footnote, * as objects from "../src/entry.mjs";

let trap = false;
let ahead = 0; // milliseconds by which Rust's clock is ahead of the machine's
const machine = Date.now;
// Rust reads the clock through here, by a binding that expects no exception: what is thrown tears through the wasm frames
// as a panic does (with panic=abort that is the instruction `unreachable`), and the glue takes the same way out.
globalThis.Date = class extends Date {
  constructor(...given) {
    if (trap && given.length === 0) {
      trap = false;
      throw new WebAssembly.RuntimeError("unreachable");
    }
    super(...(given.length === 0 ? [machine() + ahead] : given));
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
      if (fault === "wake") await this.#ctx.storage.setAlarm(machine() + 1);
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
export const { KeyringObject, LibraryObject, SiteObject } = objects;

export default class extends Footnote {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/__fault") return super.fetch(request);
    const order = await request.json();
    if (order.fault === "trap") trap = true;
    if (order.fault === "clock") ahead += order.times * 60_000;
    if (order.name === "") return new Response(null, { status: 204 });
    const namespace = this.env[order.object];
    const stub = namespace.get(namespace.idFromName(order.name));
    return stub.fetch("http://object/__fault", { method: "POST", body: JSON.stringify(order) });
  }
}
