// The Worker as it is, with a library that can be filled past its API: POST /__passages [text, ...] stores each as a
// passage of a document of its own, as src/edge/library_store does.
import Footnote, * as objects from "../src/entry.mjs";

let waiting = [];

export const { JobObject, AccountObject, KeyringObject, SchedulerObject, SiteObject } = objects;

export class LibraryObject extends objects.LibraryObject {
  #sql;
  constructor(ctx, env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
  }
  fetch(request) {
    const texts = waiting;
    waiting = [];
    let next = texts.length && this.#sql.exec("SELECT coalesce(max(last_passage), 0) + 1 AS n FROM documents").one().n;
    for (const text of texts) {
      const id = `doc_${String(next).padStart(32, "0")}`;
      this.#sql.exec(
        "INSERT INTO documents (id, key, collection, url, title, words, sha256, truncated, added_at, markdown, first_passage, last_passage) " +
          "VALUES (?, ?, 'default', ?, 'A page', 150, '', 0, '2026-01-01T00:00:00Z', '', ?, ?)",
        id, id, `https://a.example/${next}`, next, next,
      );
      this.#sql.exec(
        "INSERT INTO passages (rowid, document, place, title, heading, text) VALUES (?, ?, 0, 'A page', 'A heading', ?)",
        next, id, text,
      );
      next += 1;
    }
    return super.fetch(request);
  }
}

export default class extends Footnote {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/__passages") return super.fetch(request);
    waiting = await request.json();
    return new Response(null, { status: 204 });
  }
}
