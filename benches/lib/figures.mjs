// What a part of `make bench` reports: figures, each beside its limit or its rival of the same run.

/**
 * One figure.
 * @param {string} what what was measured
 * @param {number} value how much
 * @param {string} unit of the value
 * @param {object} [beside] what it is held against
 * @param {number} [beside.most] the figure may not be larger
 * @param {number} [beside.least] nor smaller
 * @param {[string, number]} [beside.rival] the same of something else in the same run
 * @param {string} [beside.note] what else there is to say
 */
export function figure(what, value, unit, beside = {}) {
  const { most, least } = beside;
  const held = most !== undefined || least !== undefined;
  const ok = held ? value <= (most ?? Infinity) && value >= (least ?? -Infinity) : undefined;
  return { what, value: rounded(value), unit, ...beside, ...(held && { ok }) };
}

/** A part's figures as lines of a table. */
export function table(figures) {
  const rows = figures.map((f) => [f.what, show(f.value), f.unit, held(f), verdict(f), f.note ?? ""]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => [...row[column]].length)));
  return rows.map(([what, value, unit, beside, word, note]) => {
    const cells = [what.padEnd(widths[0]), value.padStart(widths[1]), unit.padEnd(widths[2]), beside.padEnd(widths[3])];
    return `  ${cells.join("  ")}  ${[word, note].filter(Boolean).join("  ")}`.trimEnd();
  });
}

function held({ most, least, rival }) {
  const limits = [];
  if (least !== undefined) limits.push(`at least ${show(least)}`);
  if (most !== undefined) limits.push(`at most ${show(most)}`);
  if (rival !== undefined) limits.push(`${rival[0]} ${show(rounded(rival[1]))}`);
  return limits.join(", ");
}

function verdict({ ok }) {
  return ok === undefined ? "" : ok ? "ok" : "MISSED";
}

function show(value) {
  return Number.isFinite(value) ? value.toLocaleString("en", { maximumFractionDigits: 3 }) : "unknown";
}

/** Three digits say all that a measurement knows; whole numbers stay whole. */
function rounded(value) {
  return Number.isInteger(value) || !Number.isFinite(value) ? value : Number(value.toPrecision(3));
}

/** The value below which this share of a list lies; 0 of an empty one. */
export function percentile(list, share) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (list) => percentile(list, 0.5);
export const sum = (list) => list.reduce((total, value) => total + value, 0);
