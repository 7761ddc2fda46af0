// What grows with a job and with a library: the fold of a journal in wasm inside workerd, and full-text queries over the
// real library of the Worker.

import { completed, startFootnote } from "../lib/footnote.mjs";
import { figure, percentile } from "../lib/figures.mjs";
import { Load } from "../lib/load.mjs";
import { startWasm } from "../lib/wasm.mjs";
import { givenWorld, pagesOfWorld, startWorld } from "../world.mjs";

const FACTS = [100, 1_000, 5_000];
const FOLD_1000_MS_MAX = 10;
/** The fastest of so many requests counts, each of so many folds that asking costs next to nothing. */
const TRIES = 7;
const TRY_MS = 60;
const WARM_MS = 1_500;
const PASSAGES = [1_000, 10_000, 100_000];
const QUERY_MS_MAX = 50;
/** Passages stored in one go, and words of each, as `library/passages.rs` cuts them. */
const STORED_AT_ONCE = 4_000;
const WORDS = 150;
const ROUNDS = 3;
const QUESTIONS = [
  "How does Rust prevent data races, and what do Send and Sync guarantee?",
  "How do lifetimes keep references valid?",
  "What may unsafe code do, and what stays the programmer's duty?",
  "How does Cargo resolve versions and features of dependencies?",
  "How are traits and generics related, and what do they cost at run time?",
  "interior mutability RefCell borrow rules",
  "macro_rules repetition",
  "What happens when a thread panics while it holds a Mutex?",
];

export async function measure(say) {
  return [...(await folds(say)), ...(await queries(say))];
}

async function folds(say) {
  say("a job, for its journal");
  const facts = await journal();
  const wasm = await startWasm();
  const figures = [];
  for (const count of FACTS) {
    say(`the fold of ${count} facts`);
    const lines = grown(facts, count);
    await wasm.ask("/facts", { method: "POST", body: lines.join("\n") });
    const timed = async (passes) => {
      const began = performance.now();
      const folded = Number(await wasm.ask(`/fold?passes=${passes}`));
      if (folded !== count) throw new Error(`${folded} of ${count} facts were folded`);
      return (performance.now() - began) / passes;
    };
    // Until the wasm is compiled for speed, as it is in an isolate that has been at work.
    for (const until = performance.now() + WARM_MS; performance.now() < until; ) await timed(1);
    const passes = Math.max(1, Math.round(TRY_MS / (await timed(1))));
    let ms = Infinity;
    for (let turn = 0; turn < TRIES; turn += 1) ms = Math.min(ms, await timed(passes));
    const note = `${(lines.join("\n").length / 1e3).toFixed(0)} kB, read and folded`;
    figures.push(figure(`fold of ${count} facts`, ms, "ms", { ...(count === 1_000 && { most: FOLD_1000_MS_MAX }), note }));
  }
  await wasm.stop();
  return figures;
}

/** The facts of a real job, as they are stored; its plan is there at once, so that a round's facts stand within it. */
async function journal() {
  const world = await startWorld(givenWorld({ model_ms: 100, in_tps: 1e6, out_tps: 1e6, hang_share: 0, fail_share: 0 }));
  const footnote = await startFootnote({ ...world.env, SITE_DELAY_MS: "0", MODEL_PLAN: "extractive" });
  const { id } = await footnote.client.post("/v1/research", { query: QUESTIONS[0], max_iterations: 1, max_sources: 8 });
  await completed(footnote.client, id);
  const lines = (await footnote.client.text(`/v1/research/${id}/bundle`)).trim().split("\n");
  await footnote.stop();
  await world.stop();
  return lines.map((line) => JSON.parse(line).fact?.event).filter((event) => event !== undefined).map((event) => JSON.stringify(event));
}

/** A journal of so many facts: the rounds of a real one again and again, each with pages of its own. */
function grown(facts, count) {
  const opened = facts.findIndex((fact) => fact.startsWith('{"round_opened"'));
  const closed = facts.findIndex((fact) => fact.startsWith('{"round_closed"'));
  const round = facts.slice(opened, closed + 1);
  const pages = Math.max(...round.flatMap((fact) => [...fact.matchAll(/"read\.p(\d+)"/g)].map((match) => Number(match[1]))));
  const lines = facts.slice(0, opened);
  for (let turn = 0; lines.length < count; turn += 1) {
    const page = (number) => Number(number) + turn * pages;
    for (const fact of round) {
      const moved = fact
        .replace(/"r1\./g, `"r${turn + 1}.`)
        .replace(/"round":1\b/g, `"round":${turn + 1}`)
        .replace(/"(read|analyze)\.p(\d+)"/g, (_, step, number) => `"${step}.p${page(number)}"`)
        .replace(/"id":(\d+),"url"/g, (_, number) => `"id":${page(number)},"url"`)
        .replace(/\.html/g, `-${turn}.html`);
      lines.push(moved);
    }
  }
  return lines.slice(0, count);
}

async function queries(say) {
  const footnote = await startFootnote({ SEARCH: "library" }, "benches/storage/worker.capnp");
  const load = new Load(footnote.url);
  const send = (path, value) => load.send({ method: "POST", path, body: JSON.stringify(value) });
  const search = async (query) => {
    const answer = await send("/v1/library/search", { query });
    if (answer.status !== 200) throw new Error(`a search answered ${answer.status}: ${answer.body}`);
    return answer;
  };
  const added = await send("/v1/library/documents", { url: "https://a.example/", text: "# A page\n\nIt is here so that there is a library, and it says next to nothing about anything at all." });
  if (added.status >= 300) throw new Error(`a document was answered by ${added.status}: ${added.body}`);
  const words = pagesOfWorld().documents.flatMap(({ text }) => text.split(" "));
  const passage = (place) => {
    const start = (place * WORDS) % (words.length - WORDS);
    return `${words.slice(start, start + WORDS).join(" ")} place${place}`;
  };
  const times = async () => {
    const ms = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const question of QUESTIONS) {
        const answer = await search(question);
        if (round > 0) ms.push(answer.ms);
      }
    }
    return ms;
  };
  const empty = percentile(await times(), 0.5);
  const figures = [];
  let stored = 0;
  for (const count of PASSAGES) {
    say(`queries over ${count} passages`);
    while (stored < count) {
      const behind = Math.min(count, stored + STORED_AT_ONCE);
      await send("/__passages", Array.from({ length: behind - stored }, (_, place) => passage(stored + place)));
      await search("anything");
      stored = behind;
    }
    const ms = await times();
    const rival = ["one passage", empty];
    const limit = count === PASSAGES.at(-1) ? { most: QUERY_MS_MAX } : {};
    figures.push(figure(`query over ${count.toLocaleString("en")} passages, median`, percentile(ms, 0.5), "ms", { ...limit, rival, note: `slowest ${Math.max(...ms).toFixed(0)}` }));
  }
  load.close();
  await footnote.stop();
  return figures;
}
