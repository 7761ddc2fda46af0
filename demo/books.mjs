// The demo's web: each book of the Rust documentation as a host of its own on loopback.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, sep } from "node:path";
import { Trouble } from "../scripts/workerd.mjs";

const BOOKS = ["book", "reference", "nomicon", "edition-guide", "rust-by-example", "cargo"];
/** Most pages of one book: the largest has about 200. */
export const PAGES_MAX = 400;

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/**
 * Finds the books: those of the installed Rust toolchain, or the folders in `docs`.
 * @returns {{version: string, books: {name: string, folder: string, pages: string[]}[]}}
 */
export function findBooks(docs) {
  if (docs) {
    if (!existsSync(docs)) throw new Trouble(`DOCS=${docs} does not exist`, 2);
    const folder = realpathSync(docs);
    const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const folders = [folder, ...inside.map((entry) => join(folder, entry.name))];
    const whole = readdirSync(folder).some((name) => extname(name) === ".html");
    const books = (whole ? folders.slice(0, 1) : folders.slice(1)).map(readBook).filter((book) => book.pages.length > 0);
    if (books.length === 0) throw new Trouble(`DOCS=${docs} holds no .html files`, 2);
    return { version: folder, books };
  }
  const missing = "rustup component add rust-docs\nor name a folder of HTML pages: DOCS=folder";
  let html;
  let version;
  try {
    html = join(execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim(), "share/doc/rust/html");
    version = execFileSync("rustc", ["--version"], { encoding: "utf8" }).trim();
  } catch {
    throw new Trouble(`There is no Rust toolchain whose documentation could be read. Install one, then:\n${missing}`, 2);
  }
  const folders = BOOKS.map((name) => join(html, name)).filter((folder) => existsSync(join(folder, "toc.html")));
  if (folders.length === 0) {
    throw new Trouble(`The Rust toolchain has no documentation in ${html}. To get it:\n${missing}`, 2);
  }
  return { version, books: folders.map((folder) => readBook(realpathSync(folder))) };
}

/**
 * Serves each book under `/<name>/`, with its contents at `/`. Ports in `wanted` are used again where they are free.
 * `before` may take its time over a request, and answer it itself: then it gives true.
 * @returns {Promise<{origin: string, name: string, pages: number, close: () => void}[]>}
 */
export async function serveBooks(books, wanted, before = async () => false) {
  const hosts = [];
  for (const [place, book] of books.entries()) {
    const server = createServer(async (request, response) => {
      if (!(await before(request, response))) answer(book, request, response);
    });
    const earlier = wanted[book.name];
    // Six addresses for any number of books; the port tells the others apart.
    const address = earlier?.address ?? `127.0.0.${2 + (place % 6)}`;
    const port = (await listen(server, address, earlier?.port ?? 0)) ?? (await listen(server, address, 0))
      ?? (await listen(server, "127.0.0.1", 0));
    if (port === undefined) throw new Trouble("no loopback port is free");
    const { address: bound } = server.address();
    hosts.push({
      name: book.name,
      address: bound,
      port,
      origin: `http://${bound}:${port}`,
      pages: book.pages.length,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    });
  }
  return hosts;
}

function listen(server, address, port) {
  return new Promise((done) => {
    const failed = () => done(undefined);
    server.once("error", failed);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off("error", failed);
      done(server.address().port);
    });
  });
}

/** A book and its pages: what its table of contents names, else every HTML file. */
function readBook(folder) {
  const contents = join(folder, "toc.html");
  const pages = existsSync(contents)
    ? [...readFileSync(contents, "utf8").matchAll(/href="([^"#:]+\.html)"/g)].map((match) => match[1])
    : htmlFiles(folder, "");
  return { name: basename(folder), folder, pages: [...new Set(pages)].slice(0, PAGES_MAX) };
}

function htmlFiles(folder, prefix) {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return htmlFiles(folder, `${prefix}${entry.name}/`);
    return extname(entry.name) === ".html" ? [prefix + entry.name] : [];
  });
}

function answer(book, request, response) {
  const reply = (status, type, body) => {
    response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return reply(405, TYPES[".txt"], "GET only\n");
  const path = pathOf(request.url);
  if (path === "/") return reply(200, TYPES[".html"], contentsPage(book));
  // One page with the whole book on it would be found for every question.
  if (path === "/robots.txt") return reply(200, TYPES[".txt"], `User-agent: *\nDisallow: /${book.name}/print.html\n`);
  const file = path && fileOf(book, path);
  if (!file) return reply(404, TYPES[".txt"], "Not found\n");
  return reply(200, TYPES[extname(file)] ?? "application/octet-stream", readFileSync(file));
}

function pathOf(url) {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    return path.includes("\0") ? undefined : path;
  } catch {
    return undefined;
  }
}

/** The file behind a path; none when it lies, or leads, out of the book. */
function fileOf(book, path) {
  const prefix = `/${book.name}/`;
  if (!path.startsWith(prefix)) return undefined;
  try {
    let file = realpathSync(join(book.folder, path.slice(prefix.length)));
    if (statSync(file).isDirectory()) file = realpathSync(join(file, "index.html"));
    return file.startsWith(book.folder + sep) && statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

function contentsPage(book) {
  const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const links = book.pages.map((page) => {
    const title = basename(page, ".html").replaceAll("-", " ");
    return `<li><a href="/${escape(encodeURI(`${book.name}/${page}`))}">${escape(title)}</a></li>`;
  });
  const name = escape(book.name);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Contents of ${name}</title></head>
<body><main><h1>Contents of ${name}</h1>
<p>These are the ${book.pages.length} pages of ${name}, in the order in which the book has them. Each has an address of
its own on this host, and the demonstration reads them from here into its library.</p>
<ul>\n${links.join("\n")}\n</ul></main></body></html>\n`;
}
