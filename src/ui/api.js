// The deployment's API. The key lives in this tab's memory of the session and nowhere else.

/** Where the key is kept: gone with the tab. */
const KEY = "footnote.key";

/** What the API refused, or why it could not be reached; `lines` say what to change, one thing each. */
export class Problem extends Error {
  constructor(status, detail, code = "") {
    super(detail);
    this.status = status;
    this.code = code;
    this.lines = detail.split(/; (?=`|in `|URL |send|say)/);
    this.title = TITLES[status] ?? (status >= 500 ? "The deployment has a problem" : "This was not accepted");
  }
}

const TITLES = {
  0: "The deployment does not answer",
  400: "Please change this",
  401: "A key is needed",
  404: "There is no such thing",
  409: "Not possible now",
  413: "Too long",
  422: "This cannot be used",
  429: "A quota is used up",
  502: "The other side failed",
};

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/** Asks for a key; resolves to whether one was given. Set by the application. */
let askForKey = async () => false;
export const onLocked = (ask) => {
  askForKey = ask;
};

/**
 * One request; its response, whatever is in it. A locked door asks for the key and knocks again, so nobody types anything
 * twice; not where `quiet` says that nobody waits for the answer. Fails with a Problem.
 */
export async function request(method, path, { json, body, type, headers = {}, signal, quiet = false } = {}) {
  for (;;) {
    const sent = new Headers(headers);
    if (key.get()) sent.set("authorization", `Bearer ${key.get()}`);
    if (json !== undefined) sent.set("content-type", "application/json");
    else if (type) sent.set("content-type", type);
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: sent,
        body: json === undefined ? body : JSON.stringify(json),
        signal,
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw new Problem(0, "Nothing was lost: check the connection, then try again.");
    }
    if (response.ok || response.status === 304) return response;
    const problem = await read(response);
    if (problem.status !== 401 || quiet || !(await askForKey(problem, key.get()))) throw problem;
  }
}

async function read(response) {
  const text = await response.text();
  try {
    const { detail, error, code } = JSON.parse(text);
    return new Problem(response.status, detail ?? error ?? `the answer was ${response.status}`, code);
  } catch {
    return new Problem(response.status, `the answer was ${response.status} ${response.statusText}`);
  }
}

/** One request; the JSON of its reply, null when there is none. */
export async function call(method, path, options) {
  const response = await request(method, path, options);
  return response.status === 204 || response.status === 304 ? null : response.json();
}

/** `/v1/a/{}/b` with each part put in safely. */
export const path = (parts, ...values) =>
  parts.reduce(
    (made, part, place) => made + part + (place < values.length ? encodeURIComponent(values[place]) : ""),
    "",
  );

/** `?a=1&b=2` of what is set. */
export function query(values) {
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return set.length === 0 ? "" : `?${new URLSearchParams(set)}`;
}
