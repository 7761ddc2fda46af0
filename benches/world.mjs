// A web, a search engine and a model with fixed latencies on loopback, the same in every run: what Footnote needs of time
// in it follows from how it arranges its calls.

import { fork } from "node:child_process";
import { join } from "node:path";
import { findBooks } from "../demo/books.mjs";
import { root, Trouble } from "../scripts/workerd.mjs";
import { run } from "../scripts/run.mjs";
import { Index } from "./world/pages.mjs";

/** The world unless `WORLD`, or a part of the benchmark, says otherwise. Tokens are characters / 4. */
export const WORLD = {
  seed: "footnote",
  search_ms: 300,
  page_ms: [200, 1_200],
  fail_share: 0.03,
  hang_share: 0.02,
  hang_ms: 15_000,
  model_ms: 600,
  in_tps: 8_000,
  out_tps: 80,
};

/** `WORLD='{"seed":"other","model_ms":300}'` changes single members. */
export function givenWorld(changed = {}) {
  const given = JSON.parse(process.env.WORLD ?? "{}");
  const unknown = Object.keys(given).filter((name) => !(name in WORLD));
  if (unknown.length > 0) throw new Trouble(`WORLD has members that the world does not know: ${unknown.join(", ")}`, 2);
  return { ...WORLD, ...changed, ...given };
}

/**
 * Starts a world in a process of its own; it ends with the program, or by `stop`.
 * @returns {Promise<{env: Record<string, string>, ledger: (changed?: object) => Promise<object[]>, stop: () => Promise<void>}>}
 *   settings that lead Footnote there; every request since the ledger was last taken, after which the world may change
 */
export async function startWorld(world) {
  const child = fork(join(root, "benches/world/server.mjs"), [JSON.stringify(world)]);
  const ended = new Promise((done) => child.once("exit", done));
  const said = () =>
    new Promise((done, fail) => {
      child.once("message", done);
      ended.then((code) => fail(new Trouble(`the mocked world ended (exit code ${code})`)));
    });
  const { port, hosts } = await said();
  const stop = async () => {
    if (child.connected) child.disconnect();
    await ended;
  };
  run.ends.push(stop);
  const origin = `http://127.0.0.1:${port}`;
  return {
    env: {
      SEARCH: "searxng",
      SEARXNG_URL: origin,
      MODEL: "openai",
      OPENAI_BASE_URL: `${origin}/v1`,
      OPENAI_API_KEY: "mock",
      OPENAI_MODEL: "mock",
      ALLOW_PRIVATE_HOSTS: [`127.0.0.1:${port}`, ...hosts].join(","),
    },
    async ledger(changed = {}) {
      const answer = said();
      child.send(changed);
      return (await answer).ledger;
    },
    stop,
  };
}

/** The pages and the search of a world, to reckon with; addresses have no port. */
export function pagesOfWorld() {
  const { books } = findBooks("");
  return new Index(books, books.map(({ name }) => ({ name, origin: "http://world" })));
}
