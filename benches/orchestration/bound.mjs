// A critical path of the mocked world to measure by: how long a report of this kind takes there when all that depends on
// each other follows at once, and the summary waits for the sections. Who writes it beside them can be quicker.

import { queries, tokens } from "../world/model.mjs";
import { fate } from "../world/pages.mjs";

/** Pages analysed in all, searches a round, sections. */
const SOURCES = 10;
const QUERIES = 3;
const SECTIONS = 5;
/** Tokens of a page that one analysis is given at most. */
const PAGE_TOKENS = 4_000;
/** Tokens of prompt (beside pages, notes and sections) and answer: what such calls need in any system. */
const IO = { plan: [500, 150], analysis: [400, 250], reflection: [400, 150], section: [400, 400], summary: [300, 200] };

/**
 * Seconds of the critical path for a question in so many rounds. The first search, on the question's own words, and the
 * first pages go on beside the plan; a round searches, reads twice as many pages as it needs side by side and takes
 * those that are read and analysed first; between rounds stands a reflection, after the last none; sections are written
 * side by side, then the summary.
 */
export function lowerBound(world, index, question, rounds) {
  const call = ([prompt, reply], more = 0) => world.model_ms / 1000 + (prompt + more) / world.in_tps + reply / world.out_tps;
  const search = world.search_ms / 1000;
  const asked = queries(question, [], "", QUERIES * rounds);
  const plan = call(IO.plan);
  const used = new Set();
  let seconds = 0;
  let read = 0;
  for (let round = 0; round < rounds; round += 1) {
    const wanted = Math.floor(SOURCES / rounds) + (round < SOURCES % rounds ? 1 : 0);
    const ready = hits(index, asked.slice(round * QUERIES, (round + 1) * QUERIES), used)
      .map((page) => ({ page, ...fate(world, page.path) }))
      .filter(({ ms, status }) => status === 200 && ms < world.hang_ms)
      .slice(0, 2 * wanted)
      .map(({ page, ms }) => ({ page, s: ms / 1000 + call(IO.analysis, Math.min(PAGE_TOKENS, tokens(page.text))) }))
      .sort((a, b) => a.s - b.s)
      .slice(0, wanted);
    ready.forEach(({ page }) => used.add(page.path));
    read += ready.length;
    const pages = search + (ready.at(-1)?.s ?? 0);
    seconds += round === 0 ? Math.max(plan, pages) : pages;
    if (round < rounds - 1) seconds += call(IO.reflection, IO.analysis[1] * read);
  }
  return seconds + call(IO.section, IO.analysis[1] * SOURCES) + call(IO.summary, SECTIONS * IO.section[1]);
}

/** What the queries find, one rank after the other. */
function hits(index, asked, used) {
  const lists = asked.map((query) => index.search(query));
  const ranks = Math.max(0, ...lists.map((list) => list.length));
  const found = Array.from({ length: ranks }, (_, rank) => lists.map((list) => list[rank])).flat();
  const fresh = found.filter((page) => page !== undefined && !used.has(page.path));
  return [...new Map(fresh.map((page) => [page.path, page])).values()];
}
