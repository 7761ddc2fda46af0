// The figures of a run beside the committed ones, as text. Pure.

const ROWS = [
  ["questions", "questions", 0],
  ["failed", "jobs without a report", 0],
  ["degraded", "jobs not as configured", 0],
  ["recall_findings", "facts in findings", 3],
  ["recall_report", "facts in the report", 3],
  ["all_facts_in_report", "all facts in the report", 3],
  ["supporting_pages", "supporting pages cited", 3],
  ["honest_on_unanswerable", "honest on the unanswerable", 3],
  ["wrong_abstentions", "wrong abstentions", 3],
  ["citation_precision", "citation precision", 3],
  ["marks", "citations", 0],
  ["dangling_marks", "dangling [n]", 0],
  ["quotes_not_in_stored_text", "quotes not in the stored text", 0],
  ["audit_total", "audit: citations written", 0],
  ["audit_verified", "audit: verified", 0],
  ["audit_repaired", "audit: repaired", 0],
  ["audit_dropped", "audit: dropped", 0],
  ["audit_unsupported", "audit: unsupported sentences", 0],
  ["findings", "findings", 1],
  ["sources", "sources cited", 1],
  ["words", "words", 0],
  ["tokens_in", "tokens in", 0],
  ["tokens_out", "tokens out", 0],
  ["prompt_tokens", "tokens of prompts", 0],
  ["raw_tokens", "tokens of the pages' HTML", 0],
  ["tokens_saved", "share of them not sent", 3],
  ["model_calls", "model calls", 1],
  ["cost_usd", "cost, $", 4],
  ["seconds", "seconds", 1],
];

/** One line per measure, then one per question that fell short. */
export function table(name, figures, committed, scores) {
  const cell = (value, digits) => (value === null || value === undefined ? "-" : value.toFixed(digits)).padStart(10);
  const lines = [`${name.padEnd(30)}${"now".padStart(10)}${"committed".padStart(10)}`];
  for (const [member, label, digits] of ROWS) {
    lines.push(`${label.padEnd(30)}${cell(figures[member], digits)}${cell(committed?.[member], digits)}`);
  }
  const short = scores.map((score) => [score, shortcomings(score)]).filter(([, what]) => what.length > 0);
  if (short.length > 0) lines.push("", ...short.map(([{ id, kind }, what]) => `${id}  ${String(kind).padEnd(13)} ${what.join(", ")}`));
  return lines.join("\n");
}

function shortcomings(score) {
  const percent = (value) => `${Math.round(value * 100)} %`;
  return [
    !score.answered && `no report (${score.state})`,
    score.unanswerable && !score.honest && (score.admits ? "admits it, yet claims with high confidence" : "answers the unanswerable"),
    score.recall_findings < 1 && `${percent(score.recall_findings)} of the facts in findings`,
    score.recall_report < score.recall_findings && `${percent(score.recall_report)} in the report`,
    score.pages_cited < 1 && `${percent(score.pages_cited)} of the pages`,
    score.wrong_abstention && "gives up",
    score.wrong_marks.length > 0 && `${score.wrong_marks.length} of ${score.marks} citations do not carry their sentence`,
    score.dangling > 0 && `${score.dangling} dangling`,
    score.missing_quotes.length > 0 && `${score.missing_quotes.length} of ${score.quotes} quotes are not stored`,
  ].filter(Boolean);
}
