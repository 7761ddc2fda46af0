// The model of the mocked world. It knows nothing: it fills the JSON schema that comes with a prompt, or writes the text
// that is asked for, from the prompt's own sentences. The same prompt always gets the same answer.

import { terms } from "./pages.mjs";

/** Lengths of lists for which the prompt names no number. */
const LENGTHS = [
  [/quer/, 3],
  [/question/, 3],
  [/section|outline/, 4],
];
const LENGTH = 5;
const LENGTH_MAX = 24;
const WORDS = 250;
const SENTENCES_A_PARAGRAPH = 4;
/** Ways to ask on, from the question's key words and words that were found. */
const SHAPES = [
  ({ all }) => all.slice(0, 6),
  ({ all, at }) => [all[at(0)], all[at(1)], all[at(2)]],
  ({ all, at, near }) => [all[at(0)], all[at(1)], near[at(0)], near[at(1)]],
  ({ all, at, near }) => [near[at(2)], all[at(0)], "rules"],
  ({ all, at, near }) => [all[at(1)], near[at(3)], "example"],
];

/** Tokens of a text, as the world counts and bills them. */
export const tokens = (text) => Math.ceil(text.length / 4);

/** Tokens of a request: its messages, four for each, and its schema. */
export function promptTokens(body) {
  const schema = body.response_format?.json_schema ?? body.tools;
  const said = body.messages.reduce((total, { content }) => total + tokens(text(content)) + 4, 0);
  return said + (schema === undefined ? 0 : tokens(JSON.stringify(schema)));
}

/** What the model answers to a request in OpenAI's form. */
export function answer(body) {
  const prompt = read(body.messages);
  const schema = body.response_format?.json_schema?.schema;
  const whole = schema === undefined ? writing(prompt) : JSON.stringify(filled(schema, "", { prompt, place: 0, of: 1 }));
  const most = body.max_completion_tokens ?? body.max_tokens ?? Infinity;
  const cut = tokens(whole) > most;
  return { text: cut ? whole.slice(0, most * 4) : whole, finish_reason: cut ? "length" : "stop" };
}

/** Search queries on a question, none of which stands in `known`; words near the subject make later ones differ. */
export function queries(question, near, known, count) {
  const all = keyWords(question);
  const words = near.length > 0 ? near : all;
  const found = [];
  for (let turn = 0; found.length < count && turn < 8 * SHAPES.length; turn += 1) {
    const ring = (list) => new Proxy(list, { get: (list, key) => (typeof key === "string" && /^\d+$/.test(key) ? list[key % list.length] : list[key]) });
    const at = (step) => turn + step;
    const query = [...new Set(SHAPES[turn % SHAPES.length]({ all: ring(all), near: ring(words), at }))].join(" ");
    if (!found.includes(query) && !known.toLowerCase().includes(query)) found.push(query);
  }
  return found;
}

function text(content) {
  return typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n");
}

/** What a prompt holds: the question, numbered notes, sentences, the best first. */
function read(messages) {
  const of = (role) => messages.filter((message) => message.role === role).map(({ content }) => text(content)).join("\n");
  const [user, system] = [of("user"), of("system") + of("developer")];
  const question = /^Question:\s*(.+)$/im.exec(user)?.[1] ?? /^.*\?$/m.exec(user)?.[0] ?? user.slice(0, 200);
  const copied = [...user.matchAll(/<<<(\S+)\n([\s\S]*?)\1>>>/g)].map((match) => match[2]).join("\n");
  const notes = [...copied.matchAll(/^\s*\[(\d+)\]\s+(.+)$/gm)].map(([, id, said]) => ({ id: Number(id), said }));
  const asked = new Set(terms(question));
  const score = (sentence) => new Set(terms(sentence).filter((term) => asked.has(term))).size;
  const sentences = [...new Set(sentencesOf(copied))].map((said) => [score(said), said]);
  sentences.sort(([a], [b]) => b - a);
  const best = sentences.map(([, said]) => said);
  const parts = Math.max(1, user.match(/^\d+\. /gm)?.length ?? 1);
  return { user, system, question, notes, sentences: best, parts };
}

function sentencesOf(text) {
  const lines = text.split("\n").map((line) => line.replace(/^\s*(?:[-*>#]+|\d+\.|\[\d+\])\s+/, ""));
  const pieces = lines.flatMap((line) => line.split(/(?<=[.!?])\s+(?=[A-Z`"(])/)).map((piece) => piece.trim());
  return pieces.filter((piece) => /^[A-Z`].{44,}[.!?]$/.test(piece) && piece.length <= 420 && !/[{}|=\\]|::|->|https?:/.test(piece));
}

function filled(schema, name, state) {
  const { prompt, place, of } = state;
  const kind = [schema.type].flat()[0] ?? (schema.properties ? "object" : "string");
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if ([schema.type].flat().includes("null")) return null;
  if (kind === "object") {
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([member, inner]) => [member, filled(inner, member, state)]));
  }
  if (kind === "array") {
    const items = schema.items ?? { type: "string" };
    // Numbers in one of several items: its share of the notes.
    if (items.type === "integer") {
      const ids = prompt.notes.map(({ id }) => id);
      return ids.slice(Math.floor((place * ids.length) / of), Math.floor(((place + 1) * ids.length) / of));
    }
    const wanted = Math.min(lengthOf(name, prompt), schema.maxItems ?? LENGTH_MAX);
    const count = /claim|fact|finding|note/.test(name) ? Math.min(wanted, prompt.sentences.length) : wanted;
    return Array.from({ length: count }, (_, place) => filled(items, name, { prompt, place, of: count }));
  }
  if (kind === "boolean") return false;
  if (kind === "integer" || kind === "number") {
    if (/relev|score|confid/.test(name)) return 80;
    if (/question/.test(name)) return 1 + (place % prompt.parts);
    return prompt.notes[place % Math.max(1, prompt.notes.length)]?.id ?? 1;
  }
  return worded(name, state);
}

function worded(name, { prompt, place }) {
  const sentence = prompt.sentences[place] ?? `Nothing further is said on ${prompt.question}`;
  if (/quer|search|keyword/.test(name)) return queries(prompt.question, nearWords(prompt), prompt.user, place + 1).at(-1);
  if (/question/.test(name)) return `What is known about ${queries(prompt.question, [], "", place + 1).at(-1)}?`;
  if (/evidence/.test(name)) return "official documentation";
  if (/title|heading/.test(name)) {
    const [first, second] = queries(prompt.question, nearWords(prompt), "", place + 2).at(-1).split(" ");
    return `${first[0].toUpperCase()}${first.slice(1)} and ${second ?? "more"}`;
  }
  if (/text|body|markdown|section|summary|answer/.test(name)) return writing(prompt);
  return sentence;
}

function lengthOf(name, { user, system }) {
  const word = name.replace(/s$/, "").replace(/y$|ie$/, "(?:y|ie)").replaceAll("_", "[-_ ]");
  const said = new RegExp(`(\\d+)\\s+(?:[a-z-]+\\s+)?${word}`, "i").exec(user) ?? new RegExp(`(\\d+)\\s+${word}s`, "i").exec(system);
  return said === null ? (LENGTHS.find(([pattern]) => pattern.test(name))?.[1] ?? LENGTH) : Number(said[1]);
}

/** Prose of about as many words as are asked for, every sentence with the number of its note. */
function writing({ user, notes, sentences }) {
  const wanted = Number(/(\d{2,4}) words/.exec(user)?.[1] ?? WORDS);
  const facts = notes.length > 0 ? notes : sentences.map((said, place) => ({ id: place + 1, said }));
  const bare = (said) => said.trim().replace(/[.!?]+$/, "");
  const lines = [];
  let words = 0;
  // Once around the notes one by one, then by pairs of them, until the text is long enough.
  for (let turn = 0; words < wanted && turn < 4 * facts.length; turn += 1) {
    const round = Math.floor(turn / facts.length);
    const [first, second] = [facts[turn % facts.length], facts[(turn + round) % facts.length]];
    const line = round === 0
      ? `${bare(first.said)} [${first.id}].`
      : `${bare(first.said)}, and beside it: ${bare(second.said)} [${first.id}][${second.id}].`;
    lines.push(line);
    words += line.split(/\s+/).length;
  }
  const paragraphs = [];
  while (lines.length > 0) paragraphs.push(lines.splice(0, SENTENCES_A_PARAGRAPH).join(" "));
  return paragraphs.join("\n\n");
}

function keyWords(question) {
  const telling = (question.toLowerCase().match(/[a-z][a-z0-9_+#-]{2,}/g) ?? []).filter((word) => terms(word).length > 0);
  return telling.length > 0 ? [...new Set(telling)] : ["documentation"];
}

/** Words that the prompt's best sentences share. */
function nearWords({ question, sentences }) {
  const asked = new Set(terms(question));
  const counts = new Map();
  for (const sentence of sentences.slice(0, 40)) {
    for (const word of new Set(sentence.match(/\b[a-z]{5,}\b/g) ?? [])) {
      if (!asked.has(terms(word)[0])) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts].sort(([x, a], [y, b]) => b - a || x.localeCompare(y)).slice(0, 24).map(([word]) => word);
}
