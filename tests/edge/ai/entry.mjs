// The Worker as it is, with a binding of Workers AI that only tests load. The platform's own exists on Cloudflare alone; this
// one has its `run(model, input)`, and hands the input to the server whose address is the model's name behind `@cf/test/`.
// A server that answers anything but 200 makes it throw the text, as the platform throws what went wrong.
import Footnote, * as objects from "../src/entry.mjs";

const AI = {
  async run(model, input) {
    const body = JSON.stringify({ model, input });
    const reply = await fetch(`http://${model.replace("@cf/test/", "")}/run`, { method: "POST", body });
    if (reply.status !== 200) throw new Error(await reply.text());
    return reply.json();
  },
};

const bound = (env) => Object.create(env, { AI: { value: AI, enumerable: true } });

const withAi = (Base) =>
  class extends Base {
    constructor(ctx, env) {
      super(ctx, bound(env));
    }
  };

export const JobObject = withAi(objects.JobObject);
export const AccountObject = withAi(objects.AccountObject);
export const SchedulerObject = withAi(objects.SchedulerObject);
export const { KeyringObject, LibraryObject, SiteObject } = objects;

export default withAi(Footnote);
