// Runs single functions of the crate inside workerd. Its clock stands still while it computes, so whoever asks
// measures the time.
import wasm from "./bench_bg.wasm";
import { extract, fold, initSync, parse } from "./bench.js";

initSync({ module: wasm });

/** Pages to read, and the journal to fold, as they were handed over. */
const pages = [];
let facts = "";

export default {
  async fetch(request) {
    const url = new URL(request.url);
    if (request.method === "POST" && url.pathname === "/facts") {
      facts = await request.text();
      return new Response(null, { status: 204 });
    }
    if (url.pathname === "/fold") return new Response(String(fold(facts, Number(url.searchParams.get("passes")))));
    if (request.method === "POST") {
      pages.push(new Uint8Array(await request.arrayBuffer()));
      return new Response(String(pages.length));
    }
    const run = { "/parse": parse, "/extract": extract }[url.pathname];
    if (run === undefined) return new Response("unknown", { status: 404 });
    const [first, behind, passes] = ["first", "behind", "passes"].map((name) => Number(url.searchParams.get(name)));
    let bytes = 0;
    for (const page of pages.slice(first, behind)) bytes += run(page, passes) ?? 0;
    return new Response(String(bytes));
  },
};
