// Whether a report says that its sources do not hold the answer. Pure.

import { plain } from "./facts.mjs";

/** What may be said to lack an answer. */
const MATERIAL =
  "(?:documentation|documents?|docs|manuals?|sources?|corpus|pages?|evidence|material|handbook|texts?|findings|search(?:es)?|results?|we|i)";
/** What material does with an answer. */
const STATING = "(?:contain|mention|include|provide|state|say|specify|address|describe|answer|give|document)";

/** Each reads text that went through `plain`. */
const ADMISSIONS = [
  /no answer|unanswer|insufficient|not found|no evidence|not enough (?:evidence|information)/,
  /(?:do|does|did)(?:n't| not) cover/,
  /(?:cannot|can't|could not|couldn't|did not|didn't) find|unable to (?:find|answer|determine|establish|confirm)/,
  /(?:cannot|can't|could not|couldn't) be (?:answered|determined|established|confirmed|found|verified)/,
  /\bnot (?:covered|mentioned|documented|stated|described|specified|addressed|discussed|contained|answered) (?:in|by|anywhere)/,
  /\bno (?:mention|information|documentation|relevant|passages?|pages?|sources?|findings?) /,
  new RegExp(`\\b${MATERIAL}\\b[^.]{0,80}\\b(?:do|does|did)(?:n't| not) ${STATING}\\b`),
];

/** @param report Markdown @returns {boolean} */
export function admits(report) {
  const text = plain(report);
  return ADMISSIONS.some((admission) => admission.test(text));
}
