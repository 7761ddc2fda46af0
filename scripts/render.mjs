// Renders pages that only scripts make, on this machine: what `make renderer` runs, and what the tests drive.
//
//   PORT=3000  HOST=127.0.0.1      where to listen; POST /content answers in browserless's shape
//   TOKEN=...                      asked for as ?token= or as a bearer, if set
//   ALLOW_PRIVATE_HOSTS=host:port  private hosts that pages may come from, with commas, as in Footnote's own setting
//   CHROMIUM=/path                 the browser, unless one is found by its usual names
//
// Every page gets a browser of its own with an empty profile, whose only way out is a proxy that refuses private
// addresses: a page's scripts must not reach what only this machine reaches.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NAMES, findBrowser } from "./chromium.mjs";
import { Gatekeeper } from "./render/proxy.mjs";

const { PORT = "3000", HOST = "127.0.0.1", TOKEN = "", ALLOW_PRIVATE_HOSTS = "" } = process.env;

/** Browsers at once: each takes a core and some 300 MB. */
const BROWSERS_MAX = 2;
/** Pages that wait for a browser; one more is told to come back. */
const WAITING_MAX = 8;
/** What a page may ask for, in milliseconds. */
const PAGE_MS_MAX = 30_000;
const PAGE_MS = 15_000;
/** The browser's own start and end, in milliseconds. */
const BROWSER_MS = 4_000;
/** Time that a page's own timers see pass once nothing is being loaded, in milliseconds: it costs next to none. */
const TIMERS_MS = 5_000;
const REQUEST_BYTES_MAX = 64 * 1024;
const PAGE_BYTES_MAX = 6_000_000;

class Refusal extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const browser = findBrowser();
if (!browser) {
  console.error(`No browser is found (${NAMES.join(", ")}): install Debian's chromium, or set CHROMIUM to its path.`);
  process.exit(1);
}

let running = 0;
const waiting = [];
const children = new Set();

const server = http.createServer((request, response) => {
  answer(request)
    .then((html) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html))
    .catch((error) => {
      const known = error instanceof Refusal;
      if (!known) console.error(error);
      const headers = { "content-type": "text/plain; charset=utf-8", ...(known ? error.headers : {}) };
      response.writeHead(known ? error.status : 500, headers).end(`${known ? error.message : "the renderer failed"}\n`);
    });
});
if (!TOKEN && !["127.0.0.1", "::1", "localhost"].includes(HOST)) {
  console.error(`No TOKEN is set: whoever reaches ${HOST} can use this machine's browser.`);
}
server.listen(Number(PORT), HOST, () => console.log(`Renders on http://${HOST}:${server.address().port}/content`));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    for (const child of children) end(child);
    process.exit(0);
  });
}

async function answer(request) {
  const url = new URL(request.url, "http://renderer");
  if (url.pathname === "/health") return "ready\n";
  if (url.pathname !== "/content") throw new Refusal(404, "only POST /content is known");
  if (request.method !== "POST") throw new Refusal(405, "only POST is known", { allow: "POST" });
  const bearer = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  if (TOKEN && url.searchParams.get("token") !== TOKEN && bearer !== TOKEN) throw new Refusal(401, "the token is wrong");
  const wanted = read(await body(request));
  await turn();
  try {
    return await render(wanted);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

async function body(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > REQUEST_BYTES_MAX) throw new Refusal(413, `the request is longer than ${REQUEST_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function read(text) {
  let wanted;
  try {
    wanted = JSON.parse(text);
  } catch {
    throw new Refusal(400, "the request is no JSON");
  }
  let url;
  try {
    url = new URL(wanted?.url);
  } catch {
    throw new Refusal(400, "url is no absolute URL");
  }
  if (!["http:", "https:"].includes(url.protocol)) throw new Refusal(400, "url is neither http nor https");
  const asked = Number(wanted.gotoOptions?.timeout);
  const headers = Object.entries(wanted.setExtraHTTPHeaders ?? {});
  const [, agent] = headers.find(([name]) => name.toLowerCase() === "user-agent") ?? [];
  return {
    url: url.href,
    ms: asked > 0 ? Math.min(asked, PAGE_MS_MAX) : PAGE_MS,
    agent: typeof agent === "string" ? agent.replace(/[^\x20-\x7e]/g, "") : "",
    images: !(wanted.rejectResourceTypes ?? []).includes?.("image"),
  };
}

async function turn() {
  if (running >= BROWSERS_MAX) {
    if (waiting.length >= WAITING_MAX) throw new Refusal(429, "too many pages are waiting", { "retry-after": "5" });
    await new Promise((resolve) => waiting.push(resolve));
  }
  running += 1;
}

async function render({ url, ms, agent, images }) {
  const proxy = await Gatekeeper.start(ALLOW_PRIVATE_HOSTS);
  const profile = mkdtempSync(join(tmpdir(), "footnote-render-"));
  const flags = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    `--user-data-dir=${profile}`,
    `--proxy-server=http://127.0.0.1:${proxy.port}`,
    // Loopback goes through the proxy as well, and is refused there.
    "--proxy-bypass-list=<-loopback>",
    `--timeout=${ms}`,
    `--virtual-time-budget=${TIMERS_MS}`,
    ...(images ? [] : ["--blink-settings=imagesEnabled=false"]),
    ...(agent ? [`--user-agent=${agent}`] : []),
    // Chromium refuses to start as root with its sandbox.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--dump-dom",
    url,
  ];
  try {
    const html = await output(flags, ms + BROWSER_MS);
    const { hostname, port, protocol } = new URL(url);
    if (proxy.refused.has(`${hostname}:${port || (protocol === "https:" ? 443 : 80)}`)) {
      throw new Refusal(403, "the page's address is not public, or does not answer");
    }
    return html;
  } finally {
    proxy.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** What the browser writes. It is ended, with all its processes, when it takes too long or writes too much. */
function output(flags, ms) {
  return new Promise((resolve, reject) => {
    const child = spawn(browser, flags, { stdio: ["ignore", "pipe", "ignore"], detached: true });
    children.add(child);
    const chunks = [];
    let bytes = 0;
    let problem;
    const stop = (refusal) => {
      problem ??= refusal;
      end(child);
    };
    const timer = setTimeout(() => stop(new Refusal(504, `the page took longer than ${ms} ms`)), ms);
    child.stdout.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes > PAGE_BYTES_MAX) stop(new Refusal(502, `the page is longer than ${PAGE_BYTES_MAX} bytes`));
      else chunks.push(chunk);
    });
    child.on("error", (error) => stop(new Refusal(500, `the browser does not start (${error.code})`)));
    child.on("close", (code) => {
      clearTimeout(timer);
      children.delete(child);
      end(child);
      if (problem) reject(problem);
      else if (code !== 0) reject(new Refusal(502, `the browser ended with ${code}`));
      else resolve(Buffer.concat(chunks));
    });
  });
}

function end(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
