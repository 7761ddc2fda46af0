// What Footnote's front door is held against: a Worker that answers at once, and one that has an object write a row first,
// which is the least that accepting something durably takes.
import { DurableObject } from "cloudflare:workers";

export class Row extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS kept (body TEXT NOT NULL)");
  }
  async fetch(request) {
    this.ctx.storage.sql.exec("INSERT INTO kept (body) VALUES (?)", await request.text());
    return new Response(null, { status: 204 });
  }
}

export default {
  async fetch(request, env) {
    const body = await request.text();
    if (new URL(request.url).pathname === "/row") {
      await env.ROW.get(env.ROW.newUniqueId()).fetch("http://row/", { method: "POST", body });
    }
    return Response.json({ status: "ok" }, { status: request.method === "POST" ? 202 : 200 });
  },
};
