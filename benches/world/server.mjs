// The mocked world as a process: search in SearXNG's form, a model in OpenAI's, and pages on six hosts, each as slow as
// the settings say, with a ledger of every request. `startWorld` of ../world.mjs starts it; it ends with its parent.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { findBooks, serveBooks } from "../../demo/books.mjs";
import { answer, promptTokens, tokens } from "./model.mjs";
import { Index, fate } from "./pages.mjs";

/** Longest request of the model that is read. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

const world = JSON.parse(process.argv[2]);
const rows = [];

const { books } = findBooks("");
const hosts = await serveBooks(books, {}, page);
const index = new Index(books, hosts);
const api = createServer((request, response) => {
  route(request, response).catch((error) => {
    response.writeHead(500, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: String(error) } }));
  });
});
api.listen(0, "127.0.0.1", () => {
  const { port } = api.address();
  process.send({ port, hosts: hosts.map(({ address, port }) => `${address}:${port}`), pages: index.documents.length });
});
process.once("disconnect", () => process.exit(0));
// The ledger so far is told and begun anew; what else the message holds changes the world.
process.on("message", (changed) => {
  Object.assign(world, changed);
  process.send({ ledger: rows.splice(0) });
});

/** A page takes its time, or fails; what is not among the books' pages is answered at once. */
async function page(request, response) {
  const path = request.url.split(/[?#]/, 1)[0];
  if (!path.endsWith(".html")) return false;
  const { ms, status } = fate(world, path);
  await noted(response, { kind: "page", what: path, failed: status !== 200 }, ms);
  if (status === 200) return false;
  response.writeHead(status, { "content-type": "text/html" });
  response.end(`<html><body><h1>Error ${status}</h1></body></html>`);
  return true;
}

async function route(request, response) {
  const url = new URL(request.url, "http://world");
  if (url.pathname === "/search") {
    const query = url.searchParams.get("q") ?? "";
    const results = index.search(query).map(({ url, title, snippet }) => ({ url, title, content: snippet, engines: ["mock"] }));
    await noted(response, { kind: "search", what: query }, world.search_ms);
    return reply(response, { query, results });
  }
  if (url.pathname === "/v1/chat/completions") {
    const body = JSON.parse(await read(request));
    const began = performance.now();
    const { text, finish_reason } = answer(body);
    const [prompt_tokens, completion_tokens] = [promptTokens(body), tokens(text)];
    const ms = world.model_ms + (prompt_tokens / world.in_tps + completion_tokens / world.out_tps) * 1000;
    const name = body.response_format?.json_schema?.name ?? "text";
    await noted(response, { kind: "model", what: name, prompt_tokens, completion_tokens }, ms, began);
    const message = { role: "assistant", content: text };
    const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
    return reply(response, { id: "mock", object: "chat.completion", model: body.model, choices: [{ index: 0, message, finish_reason }], usage });
  }
  response.writeHead(404);
  response.end();
}

/** Waits as long as the request is to take, since `began`, and writes its line; `cut` if the caller did not wait. */
async function noted(response, line, ms, began = performance.now()) {
  const start = Date.now() - (performance.now() - began);
  const gone = new AbortController();
  const closed = () => gone.abort();
  response.once("close", closed);
  const waited = await sleep(Math.max(0, ms - (performance.now() - began)), true, { signal: gone.signal }).catch(() => false);
  response.off("close", closed);
  rows.push({ ...line, start, end: Date.now(), planned_ms: ms, cut: !waited });
}

async function read(request) {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += piece;
    if (text.length > BODY_BYTES_MAX) throw new Error("the request is too long");
  }
  return text;
}

function reply(response, value) {
  const body = JSON.stringify(value);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
