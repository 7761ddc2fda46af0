// Background responses by OpenAI's official client for JavaScript: `openai_sdk.mjs URL KEY KEY_WITHOUT_JOBS QUESTION`.
// Prints what it saw as JSON.

import OpenAI from "openai";

const [url, key, poor, question] = process.argv.slice(2);
const clientOf = (apiKey) => new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
const client = clientOf(key);
const ask = { model: "o4-mini-deep-research", input: question, max_iterations: 1, max_sources: 3 };

async function ended(response) {
  // More polls than any job of the tests needs.
  for (let polls = 0; polls < 600; polls++) {
    if (!["queued", "in_progress"].includes(response.status)) return response;
    await new Promise((done) => setTimeout(done, 200));
    response = await client.responses.retrieve(response.id);
  }
  throw new Error(`${response.id} does not end`);
}

function shown(response) {
  const part = response.output.at(-1)?.content?.[0];
  // Positions count characters (code points), of which JavaScript's strings are not made.
  const characters = Array.from(part?.text ?? "");
  const cited = (part?.annotations ?? []).map((a) => ({ mark: characters.slice(a.start_index, a.end_index).join(""), url: a.url }));
  // The client adds `output_text` to whole replies only, not to those in events.
  const text = response.output_text ?? part?.text;
  return { id: response.id, status: response.status, text, items: response.output.map((item) => item.type), cited };
}

async function raised(call) {
  try {
    await call();
  } catch (error) {
    return { class: error.constructor.name, status: error.status, says: error.message, code: error.code, param: error.param };
  }
}

const created = await client.responses.create({ ...ask, background: true, tools: [{ type: "web_search" }] });
const whole = await ended(created);
const types = [];
let last, final;
for await (const event of await client.responses.create({ ...ask, background: true, stream: true })) {
  types.push(event.type);
  last = event.sequence_number;
  if (event.response) final = event.response;
}
const resumed = [];
for await (const event of await client.responses.retrieve(final.id, { stream: true, starting_after: last - 2 })) {
  resumed.push([event.sequence_number - last, event.type]);
}
const waited = await client.responses.create(ask);
const running = await client.responses.create({ ...ask, model: "footnote-deep", max_iterations: 3, background: true });
const cancelled = await client.responses.cancel(running.id);
const deleted = await client.responses.delete(created.id);

console.log(JSON.stringify({
  created: shown(created), whole: shown(whole), types, resumed, streamed: shown(final), waited: shown(waited),
  cancelled: shown(cancelled), deleted: deleted ?? null,
  errors: {
    model: await raised(() => client.responses.create({ ...ask, model: "gpt-5" })),
    deleted: await raised(() => client.responses.retrieve(created.id)),
    key: await raised(() => clientOf("k-no-such-key-1234567890").responses.create(ask)),
    "no jobs left": await raised(() => clientOf(poor).responses.create(ask)),
  },
}));
