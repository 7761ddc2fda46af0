// The owner's own documents: what is there, how more gets in, what is said in them.

import { Problem, call, path, query, request } from "./api.js";
import { alarm, busy, button, el, fill, put, said, tell } from "./dom.js";
import { field, refuse, sure } from "./dialogs.js";
import { linkTo, storedAt } from "./cite.js";
import { quoted } from "./markdown.js";
import { count, moment, number, relative } from "./words.js";

const PAGE = 20;
/** Characters of a passage that are shown. */
const PASSAGE_CHARS_MAX = 400;
/** How often a crawl is looked at, in milliseconds. */
const LOOK_MS = 1_500;
/** Files by their endings, where the browser does not know the type. */
const TYPES = {
  pdf: "application/pdf",
  html: "text/html",
  htm: "text/html",
  md: "text/markdown",
  markdown: "text/markdown",
  txt: "text/plain",
};

export async function library() {
  const list = el("ul", { class: "rows" });
  const foot = el("p");
  const shelves = el("div", { class: "shelves" });
  const names = el("datalist", { id: "collections" });
  const trouble = el("div");
  const show = (problem) => fill(trouble, alarm(problem));
  let only = "";
  let ended = false;

  const load = async (cursor = "") => {
    const page = await call("GET", `/v1/library/documents${query({ limit: PAGE, collection: only, cursor })}`);
    if (!cursor) fill(list);
    const rows = page.documents.map((one) => row(one, remove));
    put(list, rows);
    fill(
      foot,
      page.total === 0
        ? "No documents yet: add a page, a site or a file."
        : [
            `${count(list.childElementCount, "document")} of ${number(page.total)}. `,
            page.next_cursor &&
              button("Show more", (event) => busy(event.currentTarget, () => load(page.next_cursor), show)),
          ],
    );
    if (cursor) rows[0]?.querySelector("a")?.focus();
  };
  const refresh = async () => {
    const { collections } = await call("GET", "/v1/library/collections");
    const pick = (name, text) =>
      button(
        text,
        () => {
          only = name;
          return refresh().then(() => shelves.querySelector("[aria-pressed=true]")?.focus(), show);
        },
        { class: "chip-button", "aria-pressed": String(only === name) },
      );
    fill(
      shelves,
      collections.length > 0 && [
        pick("", "All"),
        collections.map(({ name, documents }) => pick(name, `${name} (${number(documents)})`)),
        only &&
          button(
            "Delete this collection",
            () =>
              sure("Delete this collection?", `“${only}” goes with all its documents.`, "Delete", async () => {
                await call("DELETE", path`/v1/library/collections/${only}`);
                only = "";
                await refresh();
              }),
            { class: "quiet small" },
          ),
      ],
    );
    fill(
      names,
      collections.map(({ name }) => el("option", { value: name })),
    );
    await load();
  };
  const remove = (one) =>
    sure("Delete this document?", `“${one.title || one.url}”`, "Delete", async () => {
      await call("DELETE", path`/v1/library/documents/${one.id}`);
      tell("Deleted");
      await refresh();
    });
  const title = el("h1", { tabindex: "-1" }, "Library");
  await refresh();
  const view = el(
    "div",
    { class: "listing" },
    el("header", { class: "heading" }, title),
    el("p", { class: "lead" }, "Documents of your own. Research looks in them beside the web, or in them alone."),
    search(() => only),
    names,
    adding(
      () => refresh().catch(show),
      () => ended,
    ),
    trouble,
    el("h2", {}, "Documents"),
    shelves,
    list,
    foot,
  );
  return {
    title: "Library",
    focus: title,
    view,
    end: () => {
      ended = true;
    },
  };
}

const row = (one, remove) =>
  el(
    "li",
    { class: "row-job" },
    el("a", { href: path`#/library/${one.id}`, class: "row-name" }, said(one.title || one.url)),
    el(
      "p",
      { class: "row-facts" },
      el("span", { class: "pill" }, one.collection),
      ` · ${number(one.words)} words`,
      one.pages > 0 && ` · ${count(one.pages, "page")}`,
      " · ",
      el("time", { datetime: one.added_at, title: moment(one.added_at) }, relative(one.added_at)),
      one.gone_at && " · gone from its site",
      !storedAt(one.url) && [" · ", linkTo({ url: one.url }, one.url, { class: "row-url" })],
    ),
    button("Delete", () => remove(one), { class: "quiet small", "aria-label": `Delete: ${one.title || one.url}` }),
  );

/** The beginning of a passage, without its blocks of code. */
const shortened = (text) => {
  const prose = text.replace(/^(```|~~~)[\s\S]*?(^\1|$(?![\s\S]))/gm, "…");
  return prose.length > PASSAGE_CHARS_MAX ? `${prose.slice(0, PASSAGE_CHARS_MAX)} …` : prose;
};

/** Full-text search. */
function search(collection) {
  const words = el("input", { type: "search", name: "q" });
  const found = el("div", { class: "found-passages" });
  const go = el("button", { type: "submit" }, "Search");
  return el(
    "div",
    {},
    el(
      "form",
      {
        class: "inline-form",
        role: "search",
        "aria-label": "Library",
        onsubmit: (event) => {
          event.preventDefault();
          busy(
            go,
            async () => {
              if (!words.value.trim()) return fill(found);
              const { results } = await call(
                "GET",
                `/v1/library/search${query({ q: words.value.trim(), collection: collection() })}`,
              );
              fill(
                found,
                results.length === 0
                  ? el("p", {}, "Nothing says that.")
                  : el(
                      "ul",
                      { class: "rows" },
                      results.map((hit) =>
                        el(
                          "li",
                          { class: "hit" },
                          el(
                            "p",
                            {},
                            linkTo({ url: hit.url }, hit.title || hit.url, { class: "row-name" }),
                            " ",
                            el("span", { class: "pill" }, hit.collection),
                          ),
                          hit.passages
                            .slice(0, 1)
                            .map((passage) =>
                              el(
                                "p",
                                { class: "passage" },
                                passage.page && `page ${passage.page}: `,
                                quoted(shortened(passage.text)),
                              ),
                            ),
                        ),
                      ),
                    ),
              );
              tell(`${count(results.length, "document")} found`);
            },
            (problem) => fill(found, alarm(problem)),
          );
        },
      },
      field("Search the library", words),
      go,
    ),
    found,
  );
}

/** Four ways in: a page, a site, a file, a text. */
function adding(added, ended) {
  const form = (name, fields, confirm, run) => {
    const trouble = el("div");
    const told = el("div", { role: "status" });
    const go = el("button", { type: "submit" }, confirm);
    const made = el(
      "form",
      {
        class: "add",
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          fill(trouble);
          busy(
            go,
            () => run(made, told),
            (problem) => refuse(made, trouble, problem),
          );
        },
      },
      fields,
      field(
        "Collection",
        el("input", {
          name: "collection",
          type: "text",
          list: "collections",
          placeholder: "default",
          autocomplete: "off",
        }),
      ),
      trouble,
      go,
      told,
    );
    return el("details", { class: "way", name: "add" }, el("summary", {}, name), made);
  };
  const value = (form, name) => form.elements.namedItem(name).value.trim();
  const shelf = (form) => (value(form, "collection") ? { collection: value(form, "collection") } : {});
  const stored = (told, one) => {
    fill(
      told,
      el(
        "p",
        {},
        "Stored: ",
        el("a", { href: path`#/library/${one.id}` }, said(one.title || one.url)),
        `, ${number(one.words)} words.`,
      ),
    );
    added();
  };
  const url = (says) =>
    field("Address", el("input", { name: "url", type: "url", placeholder: "https://", autocomplete: "off" }), says);
  return el(
    "section",
    { class: "ways", "aria-label": "Add to the library" },
    form("Add a page", [url()], "Add the page", async (form, told) => {
      stored(told, await call("POST", "/v1/library/documents", { json: { url: value(form, "url"), ...shelf(form) } }));
      form.elements.namedItem("url").value = "";
    }),
    form(
      "Add a site",
      [
        url("Everything below this address is read, as robots.txt allows"),
        field("Pages at most", el("input", { name: "max_pages", type: "number", min: "1", placeholder: "100" })),
        el("label", { class: "check" }, el("input", { type: "checkbox", name: "sitemap" }), " By its sitemap too"),
      ],
      "Read the site",
      async (form, told) => {
        const json = { url: value(form, "url"), ...shelf(form), sitemap: form.elements.namedItem("sitemap").checked };
        if (form.elements.namedItem("max_pages").validity.badInput)
          throw new Problem(400, "`max_pages` cannot be read: use digits");
        if (value(form, "max_pages")) json.max_pages = Number(value(form, "max_pages"));
        await crawl(await call("POST", "/v1/library/crawls", { json }), told, added, ended);
      },
    ),
    form(
      "Add a file",
      [
        field(
          "File",
          el("input", { name: "file", type: "file", accept: ".pdf,.html,.htm,.md,.markdown,.txt" }),
          "PDF, HTML, Markdown or text",
        ),
        field("Title", el("input", { name: "title", type: "text", placeholder: "the file's own" })),
      ],
      "Add the file",
      async (form, told) => {
        const [file] = form.elements.namedItem("file").files;
        if (!file) throw new Problem(400, "`file` is missing: choose one");
        const type = file.type || TYPES[file.name.split(".").at(-1).toLowerCase()];
        if (!type) throw new Problem(400, "`file` must be a PDF, HTML, Markdown or text");
        const labels = { ...shelf(form), title: value(form, "title") };
        const reply = await request("POST", `/v1/library/documents${query(labels)}`, { body: file, type });
        stored(told, await reply.json());
        form.elements.namedItem("file").value = "";
      },
    ),
    form(
      "Add a text",
      [
        field("Title", el("input", { name: "title", type: "text" })),
        field("Text", el("textarea", { name: "markdown", rows: "5" }), "Markdown or plain"),
      ],
      "Add the text",
      async (form, told) => {
        stored(
          told,
          await call("POST", "/v1/library/documents", {
            json: { title: value(form, "title"), markdown: value(form, "markdown"), ...shelf(form) },
          }),
        );
        form.elements.namedItem("markdown").value = "";
      },
    ),
  );
}

/** Tells how a crawl goes, until it is over or nobody looks any more. */
async function crawl({ id }, told, added, ended) {
  for (;;) {
    const now = await call("GET", path`/v1/library/crawls/${id}`);
    const counts = `${count(now.pages_read, "page")} read, ${now.pages_unchanged} unchanged, ${now.pages_failed} not readable, ${now.queued} to go.`;
    fill(
      told,
      el(
        "p",
        {},
        now.status === "processing" ? "Reading: " : now.status === "failed" ? `It failed: ${now.error}. ` : "Done: ",
        counts,
      ),
      now.failures.length > 0 &&
        el(
          "details",
          {},
          el("summary", {}, count(now.failures.length, "failure")),
          el(
            "ul",
            {},
            now.failures.map(({ url, cause }) => el("li", {}, said(url), ": ", said(cause))),
          ),
        ),
    );
    if (ended()) return;
    if (now.status !== "processing") return added();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
