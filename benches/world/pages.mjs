// The web of the mocked world: the books of the installed Rust documentation, six hosts, and a search engine over them.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Results on one page of the search engine, as SearXNG has them. */
const RESULTS = 10;
/** BM25 with the usual constants; a word of the title counts as so many of the text. */
const K1 = 1.2;
const B = 0.75;
const TITLE_WEIGHT = 4;
const SNIPPET_CHARS = 320;
const STOP = new Set(
  ("a an and are as at be but by can do does for from has have how if in into is it its may more most no not of on or " +
    "out over should so some such than that the their them then there these they this to up use used was we were what " +
    "when where which while who why will with would you your").split(" "),
);

/** The telling words of a text, by their stems. */
export function terms(text) {
  const words = text.toLowerCase().match(/[a-z0-9_]{2,}/g) ?? [];
  return words.filter((word) => !STOP.has(word)).map(stem);
}

function stem(word) {
  const ending = /(?:ations?|ings?|ers?|ies|ed|es|s|ly)$/.exec(word)?.[0] ?? "";
  return word.length - ending.length >= 4 ? word.slice(0, word.length - ending.length) : word;
}

/** An index of the books' pages, as they are served by `hosts`. */
export class Index {
  constructor(books, hosts) {
    this.documents = books.flatMap(({ name, folder, pages }) => {
      const { origin } = hosts.find((host) => host.name === name);
      return pages.map((page) => document(`/${name}/${page}`, origin, readFileSync(join(folder, page), "utf8")));
    });
    this.mean = this.documents.reduce((total, { length }) => total + length, 0) / this.documents.length;
    this.postings = new Map();
    for (const found of this.documents) {
      for (const [term, count] of found.counts) {
        if (!this.postings.has(term)) this.postings.set(term, []);
        this.postings.get(term).push([found, count]);
      }
      delete found.counts;
    }
  }

  /** How telling a term is. */
  weight(term) {
    const holders = this.postings.get(term)?.length ?? 0;
    return Math.log(1 + (this.documents.length - holders + 0.5) / (holders + 0.5));
  }

  /** The best documents for a query, each with a snippet. */
  search(query, limit = RESULTS) {
    const asked = [...new Set(terms(query))];
    const scores = new Map();
    for (const term of asked) {
      const weight = this.weight(term);
      for (const [found, count] of this.postings.get(term) ?? []) {
        const norm = count + K1 * (1 - B + (B * found.length) / this.mean);
        scores.set(found, (scores.get(found) ?? 0) + (weight * count * (K1 + 1)) / norm);
      }
    }
    const ranked = [...scores].sort(([x, a], [y, b]) => b - a || x.url.localeCompare(y.url)).slice(0, limit);
    return ranked.map(([found]) => ({ ...found, snippet: snippet(found.text, asked) }));
  }
}

/**
 * What becomes of a page: how long it takes in ms, and its status. Fixed by seed and path.
 * @param {{seed: string, page_ms: [number, number], fail_share: number, hang_share: number, hang_ms: number}} world
 */
export function fate(world, path) {
  const digest = createHash("sha256").update(`${world.seed}|${path}`).digest();
  const lot = digest.readUInt32BE(0) / 2 ** 32;
  const [least, most] = world.page_ms;
  const ms = least + (digest.readUInt32BE(4) / 2 ** 32) * (most - least);
  if (lot < world.fail_share) return { ms, status: digest[8] % 2 === 0 ? 500 : 404 };
  if (lot < world.fail_share + world.hang_share) return { ms: world.hang_ms, status: 200 };
  return { ms, status: 200 };
}

function document(path, origin, html) {
  const title = plain(/<title>([^<]*)/.exec(html)?.[1] ?? path);
  const text = plain((/<main>([\s\S]*?)<\/main>/.exec(html)?.[1] ?? html).replace(/<(script|style|svg)[\s\S]*?<\/\1>/g, " "));
  const counts = new Map();
  const count = (term, times) => counts.set(term, (counts.get(term) ?? 0) + times);
  terms(text).forEach((term) => count(term, 1));
  terms(title).forEach((term) => count(term, TITLE_WEIGHT));
  const length = [...counts.values()].reduce((total, times) => total + times, 0);
  return { url: origin + path, path, title, text, counts, length };
}

function plain(html) {
  const letters = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " " };
  const text = html.replace(/<[^>]*>/g, " ").replace(/&(\w+);/g, (whole, name) => letters[name] ?? whole);
  return text.replace(/&#(x?)([0-9a-f]+);/gi, (_, hex, code) => String.fromCodePoint(parseInt(code, hex ? 16 : 10))).replace(/\s+/g, " ").trim();
}

/** The stretch of a text with the first of the words that were asked for. */
function snippet(text, asked) {
  const low = text.toLowerCase();
  const places = asked.map((term) => low.indexOf(term)).filter((place) => place >= 0);
  const start = Math.max(0, Math.min(...places, low.length) - 80);
  return text.slice(start, start + SNIPPET_CHARS);
}
