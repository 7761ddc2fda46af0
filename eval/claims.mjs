// What a report claims, and whether the quotes behind its marks carry it. Pure.

/** Words that carry no meaning of their own; shorter ones than `WORD_LETTERS_MIN` are none anyway. */
const COMMON = new Set(
  ("about above after against also among another because been before being below between both cannot could does doing down during each " +
    "either else even every from further have having here however into itself just less like made make many more most much must " +
    "neither never only other over rather same shall should since some such than that their them then there therefore these they " +
    "this those though through thus under until upon used uses using very well were what when where whether which while whose " +
    "will with within without would your").split(" "),
);
const WORD_LETTERS_MIN = 4;
/** Words are compared by their beginning, so that `signals` is `signal`. */
const STEM_LETTERS = 5;
/** This part of a claim's words has to be in the quotes: it may be put in other words. Its numbers and names may not. */
const WORDS_MIN = 0.5;

/** Reports escape every other bracket, so that this is a mark wherever it stands outside code. */
const MARK = /(?<!\\)\[(\d{1,4})\](?!\()/g;
/** A stop with what closes a sentence behind it, marks among that; then a space and no further mark. */
const SENTENCE_END = /(?<=[.!?]["”’')*_]*(?:\s?\[\d{1,4}\])*)\s+(?!\[\d)/;

/** An entry in the list of sources. */
const ENTRY = /^\[\d{1,4}\] /;

/** The sentences, table rows and list items of a report that carry marks, outside code, without the marks themselves. */
export function citedSentences(report) {
  const prose = report.replace(/^(```|~~~)[\s\S]*?^\1.*$/gm, "");
  return prose
    .split("\n")
    .filter((line) => !ENTRY.test(line))
    .flatMap((line) => line.split(SENTENCE_END))
    .map((text) => ({ text: text.replace(MARK, "").trim(), marks: marksIn(text) }))
    .filter(({ marks }) => marks.length > 0);
}

function marksIn(text) {
  return [...text.replace(/`[^`]*`/g, "").matchAll(MARK)].map(([, n]) => Number(n));
}

/**
 * What of a text has to be found again.
 * @returns {{exact: Set<string>, words: Set<string>, all: Set<string>}} numbers and names (`pg_stat_io`, `3.11`, `WAL`), the
 *   beginnings of the other words that mean something, and every word whatever it means
 */
export function keyTerms(text) {
  const terms = { exact: new Set(), words: new Set(), all: new Set() };
  const tokens = bare(text).match(/[\p{L}\p{N}_]+(?:[.\-/'’:][\p{L}\p{N}_]+)*/gu) ?? [];
  for (const token of tokens) {
    const low = token.toLowerCase();
    const parts = low.split(/[.\-/'’:]/);
    // `250ms` holds the figure and the unit of "250 ms".
    const glued = low.match(/^(\d[\d.]*)([^\d\W]+)$/)?.slice(1) ?? [];
    for (const one of [low, ...parts, ...glued]) terms.all.add(one);
    if (/[\d_]/.test(token) || (token.length > 1 && token === token.toUpperCase())) terms.exact.add(low);
    else {
      for (const word of parts) {
        if (word.length >= WORD_LETTERS_MIN && !COMMON.has(word)) terms.words.add(word.slice(0, STEM_LETTERS));
      }
    }
  }
  return terms;
}

/** Without Markdown's escapes, emphasis and code marks, and without thousands separators. */
function bare(text) {
  return text.replace(/\\([^\s\p{L}\p{N}])/gu, "$1").replace(/[*`]/g, "").replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
}

/**
 * How many of a report's marks are right: the quotes of the sentence's marks hold all its numbers and names and half of its
 * other words, and the mark's own quote some of them. Of a source's quotes the closest one counts.
 * @param {string} report @param {Map<number, string[]>} quotes by mark, of every source in the list of sources
 * @returns {{marks: number, right: number, dangling: number, wrong: {text: string, mark: number}[]}}
 */
export function checkMarks(report, quotes) {
  const found = { marks: 0, right: 0, dangling: 0, wrong: [] };
  for (const { text, marks } of citedSentences(report)) {
    const claim = keyTerms(text);
    const closest = new Map(marks.map((mark) => [mark, closestOf(claim, quotes.get(mark) ?? [])]));
    const carried = carries(claim, [...closest.values()].join("\n"));
    for (const mark of marks) {
      found.marks += 1;
      if (!quotes.has(mark)) found.dangling += 1;
      if (carried && shared(claim, closest.get(mark)) > 0) found.right += 1;
      else found.wrong.push({ text, mark });
    }
  }
  return found;
}

function carries({ exact, words }, quote) {
  const said = keyTerms(quote);
  const known = [...words].filter((word) => said.words.has(word)).length;
  return [...exact].every((term) => said.all.has(term)) && known >= words.size * WORDS_MIN;
}

function closestOf(claim, quotes) {
  return quotes.reduce((best, quote) => (shared(claim, quote) > shared(claim, best) ? quote : best), "");
}

function shared({ exact, words }, quote) {
  const said = keyTerms(quote);
  return [...exact].filter((term) => said.all.has(term)).length + [...words].filter((word) => said.words.has(word)).length;
}
