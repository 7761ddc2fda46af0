// Extraction: what it costs beyond the parser, natively and in wasm inside workerd, as ratios; and the heap it holds.
//
// Ratios, since machines differ and are busy: 1 means that extraction costs nothing on top of the parser.

import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";
import { root } from "../../scripts/workerd.mjs";
import { figure, median, sum } from "../lib/figures.mjs";
import { made, startWasm } from "../lib/wasm.mjs";

const out = join(root, "target/bench");
const folder = process.env.PAGES ? resolve(process.env.PAGES) : join(root, "tests/fixtures/pages");

/** Extraction must run at half of the parser's speed at least. */
const RATIO_MIN = 0.5;
/** It may hold three times the page; of smaller pages than this the fixed part weighs more. */
const HEAP_PAGES_MAX = 3;
const HEAP_PAGE_BYTES_MIN = 4_096;
/** And never more than this. */
const HEAP_MB_MAX = 16;
/** As in benches/page.rs. */
const PAGES_MAX = 200;
const ROUNDS = 5;
/** Bytes that one request works through, so that asking costs next to nothing: about 40 ms. */
const REQUEST_BYTES = 1_000_000;

export async function measure(say) {
  say("natively");
  await made("cargo", ["bench", "--features", "bench", "--bench", "page"]);
  const native = JSON.parse(readFileSync(join(out, "native.json"), "utf8"));
  await made("cargo", ["run", "--release", "--example", "extract", "--", folder], join(out, "extract.jsonl"));
  const heap = await heapOf(join(out, "extract.jsonl"));
  say("in workerd");
  const wasm = await inWorkerd(readPages());
  const speeds = [["natively", native], ["in workerd", wasm]].flatMap(([where, run]) => [
    figure(`extraction ${where}`, run.extraction_mb_per_s, "MB/s", { rival: ["lol_html alone", run.parser_mb_per_s] }),
    figure(`extraction / lol_html alone, ${where}`, run.ratio, "x", { least: RATIO_MIN, note: `median page ${run.median_page_ratio.toFixed(2)}` }),
  ]);
  return [
    ...speeds,
    figure("heap at its peak / page, median", heap.median_ratio, "x", { note: `${heap.pages} pages from ${HEAP_PAGE_BYTES_MIN} bytes` }),
    figure("heap at its peak / page, most", heap.worst_ratio, "x", { most: HEAP_PAGES_MAX }),
    figure("heap at its peak, most", heap.worst_bytes / 1e6, "MB", { most: HEAP_MB_MAX }),
  ];
}

/** The pages that benches/page.rs reads too. */
function readPages() {
  const files = readdirSync(folder).filter((name) => /\.html(\.gz)?$/.test(name)).sort();
  const step = Math.max(1, Math.ceil(files.length / PAGES_MAX));
  return files
    .filter((_, index) => index % step === 0)
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    });
}

/** Peaks of the heap, from what examples/extract.rs wrote. */
async function heapOf(file) {
  const ratios = [];
  let worst = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { bytes, peak_bytes } = JSON.parse(line);
    worst = Math.max(worst, peak_bytes);
    if (bytes >= HEAP_PAGE_BYTES_MIN) ratios.push(peak_bytes / bytes);
  }
  return { pages: ratios.length, median_ratio: median(ratios), worst_ratio: Math.max(0, ...ratios), worst_bytes: worst };
}

/** Runs both passes over every page in turn, inside workerd; each page counts with its fastest. */
async function inWorkerd(pages) {
  const wasm = await startWasm();
  try {
    const { ask } = wasm;
    for (const page of pages) await ask("/", { method: "POST", body: page });
    const timed = async (what, page, passes) => {
      const start = performance.now();
      await ask(`/${what}?first=${page}&behind=${page + 1}&passes=${passes}`);
      return (performance.now() - start) / passes;
    };
    const parsing = pages.map(() => Infinity);
    const extracting = pages.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, page] of pages.entries()) {
        const passes = Math.ceil(REQUEST_BYTES / Math.max(page.length, 1));
        parsing[index] = Math.min(parsing[index], await timed("parse", index, passes));
        extracting[index] = Math.min(extracting[index], await timed("extract", index, passes));
      }
    }
    const bytes = sum(pages.map((page) => page.length));
    return {
      pages: pages.length,
      bytes,
      parser_mb_per_s: bytes / 1e3 / sum(parsing),
      extraction_mb_per_s: bytes / 1e3 / sum(extracting),
      ratio: sum(parsing) / sum(extracting),
      median_page_ratio: median(parsing.map((ms, index) => ms / extracting[index])),
    };
  } finally {
    await wasm.stop();
  }
}
