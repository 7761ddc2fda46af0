// A job's journal as it grows: server-sent events over fetch, since an EventSource cannot send a key.

import { Problem, path, request } from "./api.js";

/** Waits before the stream is opened again, in milliseconds: the server's own, then doubled up to the most. */
const WAIT_MS = 1_000;
const WAIT_MS_MAX = 15_000;
/** More than any fact of a journal takes. */
const FRAME_CHARS_MAX = 8_000_000;
const LAST = new Set(["completed", "failed", "cancelled"]);

/**
 * Hands every fact of the job to `on.fact(name, data)`, in order and once each, however often the connection is lost, and
 * says by `on.connection(up)` how that is. Returns after the last one.
 */
export async function follow(id, on, signal) {
  let last = null;
  let wait = WAIT_MS;
  while (!signal.aborted) {
    try {
      const headers = { accept: "text/event-stream", ...(last === null ? {} : { "last-event-id": last }) };
      const response = await request("GET", path`/v1/research/${id}/events`, { headers, signal });
      // The last fact of an ended job is known.
      if (response.status === 204) return;
      on.connection(true);
      for await (const { id: seq, event, data } of frames(response.body)) {
        last = seq;
        wait = WAIT_MS;
        on.fact(event, data);
        if (LAST.has(event)) return;
      }
    } catch (problem) {
      if (signal.aborted) return;
      if (isFinal(problem)) throw problem;
    }
    on.connection(false);
    await pause(wait, signal);
    wait = Math.min(wait * 2, WAIT_MS_MAX);
  }
}

/** Whether asking again would be answered the same. */
export const isFinal = (problem) =>
  problem instanceof Problem && problem.status >= 400 && problem.status < 500 && problem.status !== 429;

/** The events of a stream (WHATWG HTML, 9.2), as far as this API uses them. */
async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      if (rest.length > FRAME_CHARS_MAX) throw new Error("an event has no end");
      const whole = rest.split("\n\n");
      rest = whole.pop();
      for (const frame of whole) {
        const fields = Object.fromEntries(
          frame
            .split("\n")
            .filter((line) => !line.startsWith(":"))
            .map((line) => {
              const at = line.indexOf(":");
              return [line.slice(0, at), line.slice(at + 1).trimStart()];
            }),
        );
        if (fields.data !== undefined) yield { id: fields.id, event: fields.event, data: JSON.parse(fields.data) };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
