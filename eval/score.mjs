// How good one job is, and all of them together. Pure: docs/eval.md says in words what is measured here.

import { admits } from "./admission.mjs";
import { checkMarks } from "./claims.mjs";
import { goldNames, pageName, plain, states } from "./facts.mjs";

/**
 * Measures one job against its question.
 * @param {object} question a line of the question file
 * @param {object} job what `GET /v1/research/{id}` gave
 * @param {{places: Record<string, string>, texts: Map<string, string>}} world where packages are served, and stored texts by URL
 */
export function scoreJob(question, job, { places, texts }) {
  const report = job.report ?? "";
  const findings = job.findings ?? [];
  const marks = checkMarks(report, quotesByMark(job));
  const unstored = missingQuotes(job, texts);
  const score = {
    id: question.id,
    kind: question.kind,
    unanswerable: question.unanswerable === true,
    state: job.state,
    answered: job.status === "completed" && report !== "",
    degraded: job.degraded ?? null,
    admits: admits(report),
    high_confidence: findings.filter(({ confidence }) => confidence === "high").length,
    findings: findings.length,
    sources: (job.sources ?? []).length,
    marks: marks.marks,
    marks_right: marks.right,
    dangling: marks.dangling,
    wrong_marks: marks.wrong,
    quotes: unstored.quotes,
    missing_quotes: unstored.missing,
    audit: job.citation_audit ?? {},
    words: report.split(/\s+/).filter(Boolean).length,
    tokens_in: job.usage?.tokens?.input ?? 0,
    tokens_out: job.usage?.tokens?.output ?? 0,
    cost_usd: job.usage?.cost_usd ?? 0,
    seconds: (job.elapsed_ms ?? 0) / 1000,
  };
  if (score.unanswerable) return { ...score, honest: score.answered && score.admits && score.high_confidence === 0 };

  // One by one: in one text a pattern could match across two findings.
  const said = findings.flatMap(({ fact, evidence = [] }) => [fact, ...evidence.map(({ quote }) => quote)]).map(plain);
  const told = plain(report);
  const inFindings = question.answers.map((fact) => said.some((text) => states(text, fact)));
  const inReport = question.answers.map((fact) => states(told, fact));
  const cited = new Set((job.sources ?? []).map(({ url }) => pageName(url)));
  const supporting = question.pages.map((page) => goldNames(question, page, places).some((name) => cited.has(name)));
  return {
    ...score,
    recall_findings: share(inFindings),
    recall_report: share(inReport),
    all_facts: inReport.every(Boolean),
    pages_cited: share(supporting),
    wrong_abstention: score.admits && !inReport.some(Boolean),
    missing_facts: question.answers.filter((_, i) => !inFindings[i]),
    missing_pages: question.pages.filter((_, i) => !supporting[i]),
  };
}

/**
 * The figures of a run, as they are committed. Shares are of 1, means are per question.
 * @param {object[]} scores of {@link scoreJob}
 */
export function measure(scores) {
  const answerable = scores.filter(({ unanswerable }) => !unanswerable);
  const unanswerable = scores.filter((score) => score.unanswerable);
  const sum = (of) => scores.reduce((all, score) => all + (of(score) ?? 0), 0);
  return {
    questions: scores.length,
    failed: scores.filter(({ answered }) => !answered).length,
    degraded: scores.filter(({ degraded }) => degraded !== null).length,
    recall_findings: mean(answerable, "recall_findings"),
    recall_report: mean(answerable, "recall_report"),
    all_facts_in_report: mean(answerable, "all_facts"),
    supporting_pages: mean(answerable, "pages_cited"),
    honest_on_unanswerable: mean(unanswerable, "honest"),
    wrong_abstentions: mean(answerable, "wrong_abstention"),
    citation_precision: rounded(sum(({ marks_right }) => marks_right) / sum(({ marks }) => marks)),
    marks: sum(({ marks }) => marks),
    dangling_marks: sum(({ dangling }) => dangling),
    quotes_not_in_stored_text: sum(({ missing_quotes }) => missing_quotes.length),
    audit_total: sum(({ audit }) => audit.total),
    audit_verified: sum(({ audit }) => audit.verified),
    audit_repaired: sum(({ audit }) => audit.repaired),
    audit_dropped: sum(({ audit }) => audit.dropped),
    audit_unsupported: sum(({ audit }) => audit.unsupported_sentences),
    findings: mean(scores, "findings"),
    sources: mean(scores, "sources"),
    words: mean(scores, "words"),
    tokens_in: mean(scores, "tokens_in"),
    tokens_out: mean(scores, "tokens_out"),
    prompt_tokens: mean(scores, "prompt_tokens"),
    raw_tokens: mean(scores, "raw_tokens"),
    tokens_saved: rounded(1 - sum(({ prompt_tokens }) => prompt_tokens) / sum(({ raw_tokens }) => raw_tokens)),
    model_calls: mean(scores, "model_calls"),
    cost_usd: mean(scores, "cost_usd"),
    seconds: mean(scores, "seconds"),
  };
}

/** The quotes behind each `[n]`; a source without any is there too, and a mark on it does not dangle. */
function quotesByMark({ sources = [], citations = [] }) {
  const quotes = new Map(sources.map(({ n }) => [n, []]));
  for (const { n, quote } of citations) quotes.get(n)?.push(quote);
  return quotes;
}

/** Quotes that are not in the stored text of their page, whatever the job's own audit says; white space is no matter. */
function missingQuotes({ findings = [], citations = [] }, texts) {
  const spaced = (text) => text.split(/\s+/).filter(Boolean).join(" ");
  const claimed = [
    ...citations.map(({ url, quote }) => ({ url, quote })),
    ...findings.flatMap(({ evidence = [] }) => evidence.map(({ source_url, quote }) => ({ url: source_url, quote }))),
  ].map(({ url, quote }) => ({ url: url.split("#")[0], quote: spaced(quote ?? "") }));
  const missing = claimed.filter(({ url, quote }) => quote === "" || !spaced(texts.get(url) ?? "").includes(quote));
  return { quotes: claimed.length, missing };
}

function share(flags) {
  return flags.filter(Boolean).length / flags.length;
}

function mean(scores, member) {
  return rounded(scores.reduce((all, score) => all + Number(score[member] ?? 0), 0) / scores.length);
}

/** To four decimals; null where there is nothing to measure. */
function rounded(value) {
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null;
}
