// What counts as the same text, the same page and a known fact, whatever the typography. Pure.

/** Characters that are read as another one: dashes, single and double quotation marks. */
const READ_AS = [
  [/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, "-"],
  [/[\u2018-\u201b\u2032\u02bc]/g, "'"],
  [/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"'],
];
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff\u00ad]/g;

/** Lower case, plain dashes, quotes and spaces, no Markdown emphasis or code marks, no thousands separators. */
export function plain(text) {
  let out = (text ?? "").replace(/(?<=\d)[\u00a0\u2007\u2009\u202f](?=\d{3}(?!\d))/g, "");
  out = out.normalize("NFKC").replace(INVISIBLE, "");
  for (const [these, one] of READ_AS) out = out.replace(these, one);
  out = out.toLowerCase().replace(/[*`]+/g, "").replace(/(?<=\d)[,_](?=\d{3}(?!\d))/g, "");
  return out.replace(/\s+/g, " ").trim();
}

const patterns = new Map();

/** `re:` and a regular expression, or words that have to stand alone: `20` is not in `120`, `1.20` or `20.5`. */
function pattern(alternative) {
  if (!patterns.has(alternative)) {
    patterns.set(alternative, alternative.startsWith("re:") ? new RegExp(alternative.slice(3)) : alone(plain(alternative)));
  }
  return patterns.get(alternative);
}

function alone(words) {
  const literal = words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  let before = "";
  let after = "";
  if (/^[\p{L}\p{N}]/u.test(words)) before = /^\d/.test(words) ? "(?<![a-z0-9])(?<!\\d\\.)" : "(?<![a-z0-9])";
  if (/[\p{L}\p{N}]$/u.test(words)) after = /\d$/.test(words) ? "(?![a-z0-9])(?!\\.\\d)" : "(?![a-z0-9])";
  return new RegExp(before + literal + after);
}

/** Whether a text that went through {@link plain} states a fact, in any of its alternatives. */
export function states(text, alternatives) {
  return alternatives.some((alternative) => pattern(alternative).test(text));
}

/** One name per page: no scheme, query, fragment, doubled slash or escape; a folder is its index.html. */
export function pageName(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return String(address);
  }
  const path = unescaped(url.pathname).replace(/\/{2,}/g, "/");
  return url.host + path + (path.endsWith("/") ? "index.html" : "");
}

function unescaped(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The pages that serve for a gold page `package:path`: itself and its alternatives, by {@link pageName}. */
export function goldNames(question, page, sites) {
  return [page, ...(question.pages_alt?.[page] ?? [])].flatMap((one) => {
    const site = sites[one.slice(0, one.indexOf(":"))];
    return site === undefined ? [] : [pageName(new URL(goldPath(one), site).href)];
  });
}

function goldPath(page) {
  return page.slice(page.indexOf(":") + 1).split("/").map(encodeURIComponent).join("/");
}

/** Where a site is read from: a path without an ending is a folder. */
export function startOf(address) {
  const url = new URL(address);
  if (/\/[^/.]+$/.test(url.pathname)) url.pathname += "/";
  return url.href;
}

/** What the paths of gold pages may be relative to, when a site is read from `start`: its folder, else its host. */
export function basesOf(start) {
  return [...new Set([new URL(".", start).href, new URL("/", start).href])];
}

/**
 * Which site holds which package, when only addresses are given: the one that has most of the package's pages.
 * @param {object[]} questions @param {string[]} addresses each ending in `/` @param {Set<string>} stored names of the pages
 * @returns {Record<string, string>} address by package; packages of which no page is stored are left out
 */
export function matchSites(questions, addresses, stored) {
  const pages = new Map();
  for (const { pages: gold = [], pages_alt = {} } of questions) {
    for (const page of [...gold, ...Object.values(pages_alt).flat()]) {
      const name = page.slice(0, page.indexOf(":"));
      pages.set(name, (pages.get(name) ?? new Set()).add(page));
    }
  }
  const matched = {};
  for (const [name, gold] of pages) {
    const held = (site) => [...gold].filter((page) => stored.has(pageName(new URL(goldPath(page), site).href))).length;
    const [best] = addresses.map((site) => [held(site), site]).sort(([a], [b]) => b - a);
    if (best !== undefined && best[0] > 0) matched[name] = best[1];
  }
  return matched;
}
