// Asks a Footnote deployment and prints the report. Node 18 or newer, Deno, Bun; nothing to install.
//
//   FOOTNOTE_URL=https://research.example.org FOOTNOTE_KEY=... npx tsx research.ts "What may unsafe Rust do?"

const URL_ = (process.env.FOOTNOTE_URL ?? "http://127.0.0.1:8787").replace(/\/$/, "");
const KEY = process.env.FOOTNOTE_KEY;
const RETRIES = 4;

/** The part of a reply that is used here; /openapi.json has all of it. */
export interface Job {
  id: string;
  status: "processing" | "completed" | "failed";
  state: string;
  progress: { percent: number; pages_read: number };
  report: string | null;
  error?: string;
  citations: { n: number; quote: string; url: string }[];
}

/** The deployment says what to change. */
export class Refused extends Error {}

/** One call; what a repetition may mend (no connection, 5xx) is repeated. */
async function call<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<T> {
  const headers: Record<string, string> = { ...more };
  if (KEY) headers.authorization = `Bearer ${KEY}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(URL_ + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      if (answer.ok) return (await answer.json()) as T;
      const problem = (await answer.json()) as { error: string };
      if (answer.status < 500 || attempt === RETRIES) throw new Refused(problem.error);
    } catch (error) {
      if (error instanceof Refused || attempt === RETRIES) throw error;
    }
    await new Promise((done) => setTimeout(done, 500 * 2 ** attempt));
  }
}

/** Starts a job and waits for its end. The idempotency key makes repetitions of the start one job. */
export async function research(query: string, options: Record<string, unknown> = {}): Promise<Job> {
  const once = { "idempotency-key": crypto.randomUUID() };
  const { id } = await call<{ id: string }>("POST", "/v1/research", { query, ...options }, once);
  for (;;) {
    const job = await call<Job>("GET", `/v1/research/${id}?wait=25`);
    if (job.status !== "processing") return job;
    console.error(`${job.progress.percent} %  ${job.progress.pages_read} pages`);
  }
}

const [, , question] = process.argv;
if (question === undefined) {
  console.error("usage: research.ts QUESTION");
  process.exit(2);
}
try {
  const job = await research(question);
  if (job.status === "failed") throw new Refused(job.error ?? "the job failed");
  console.log(job.report);
  for (const { n, quote, url } of job.citations.slice(0, 5)) console.error(`[${n}] “${quote}” — ${url}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
