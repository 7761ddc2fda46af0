// What webclaw's JavaScript SDK does on the wire, which is not on npm: `webclaw_wire.mjs URL KEY KEY_WITHOUT_JOBS QUESTION`.
// It posts the caller's object with the older spellings beside the newer, polls by the escaped id until `status` is
// `completed` or `failed`, and chooses the class of an error by the status, its text from the string `error`, how long to
// wait from `retry-after` in seconds. Prints what it saw as JSON.

const [url, key, poor, question] = process.argv.slice(2);
const CLASSES = { 401: "AuthenticationError", 402: "CreditLimitError", 403: "ScopeError", 404: "NotFoundError", 429: "RateLimitError" };

async function call(path, { method = "GET", body, as = key } = {}) {
  const headers = { authorization: `Bearer ${as}`, "content-type": "application/json" };
  const reply = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
  const json = await reply.json();
  if (reply.ok) return json;
  const wait = reply.headers.get("retry-after");
  return { class: CLASSES[reply.status] ?? "WebclawError", status: reply.status, says: String(json.error), wait: wait === null ? null : Number(wait) };
}

async function research(body) {
  const { id } = await call("/v1/research", { method: "POST", body });
  // More polls than any job of the tests needs.
  for (let polls = 0; polls < 600; polls++) {
    const job = await call(`/v1/research/${encodeURIComponent(id)}`);
    if (job.status === "completed" || job.status === "failed") return job;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${id} does not end`);
}

console.log(JSON.stringify({
  newer: await research({ query: question, topic: "tech", max_iterations: 1, max_sources: 2 }),
  older: await research({ query: question, deep: false, maxIterations: 1, maxSources: 2, max_iterations: undefined }),
  "nothing asked": await call("/v1/research", { method: "POST", body: { query: " " } }),
  "unknown key": await call("/v1/research", { method: "POST", body: { query: question }, as: "k-no-such-key-1234567890" }),
  "unknown job": await call(`/v1/research/res_${"0".repeat(32)}`),
  "admin's": await call("/v1/keys"),
  "no jobs left": await call("/v1/research", { method: "POST", body: { query: question }, as: poor }),
}));
