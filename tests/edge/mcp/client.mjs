// A whole piece of research through the official MCP client: `client.mjs URL KEY QUESTION`. Prints what it saw as JSON.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, key, question] = process.argv.slice(2);
const headers = key ? { authorization: `Bearer ${key}` } : {};
const client = new Client({ name: "footnote-test", version: "1.0.0" });
await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers } }));

const progress = [];
const call = async (name, args, options) => {
  const result = await client.callTool({ name, arguments: args }, undefined, options);
  return { ...result, text: result.content?.map((part) => part.text).join("\n") ?? "" };
};
const finished = async (id) => {
  // More waits than any job of the tests needs.
  for (let n = 0; n < 20; n++) {
    const status = await call("research_status", { id, wait_s: 10 }, { onprogress: (p) => progress.push(p) });
    if (status.structuredContent.status !== "processing") return status;
  }
  throw new Error(`${id} does not end`);
};

const tools = (await client.listTools()).tools.map((tool) => tool.name);
const started = await call("research_start", { query: question });
const id = started.structuredContent.id;
const early = await call("research_report", { id });
const status = await finished(id);
const report = await call("research_report", { id });
const short = await call("research_report", { id, max_tokens: 400 });
const summary = await call("research_report", { id, sections: ["1"] });
const followup = await call("research_followup", { id, query: `${question} And who paid for it?` });
const second = await finished(followup.structuredContent.id);
const library = await call("library_search", { query: "ferry battery" });
const wrong = await call("research_start", { query: "" });
const unknown = await call("research_status", { id: `res_${"0".repeat(32)}` });
await client.close();

console.log(JSON.stringify({
  server: client.getServerVersion().name, instructions: client.getInstructions(), tools, started, early, status, progress,
  report, short, summary, followup, second, library, wrong, unknown,
}));
