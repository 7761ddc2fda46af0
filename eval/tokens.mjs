// How much a job sent to its model, beside the pages it read as they were served. Pure: read from the job's bundle.

/** Both sides are counted alike, since no two models cut text alike: four characters are a token. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What a bundle (`GET /v1/research/{id}/bundle`) says that was sent and read.
 * @param {string} bundle JSON lines
 * @returns {{sent: number, calls: number, pages: string[]}} tokens of all prompts, calls, and the addresses of the pages that were
 *   read and analysed
 */
export function sentAndRead(bundle) {
  const lines = bundle.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const exchanges = lines.map(({ exchange }) => exchange).filter(Boolean);
  const characters = exchanges.reduce((all, { system, user }) => all + system.length + user.length, 0);
  const pages = lines.flatMap(({ fact }) => (fact === undefined ? [] : pagesIn(fact.event)));
  return { sent: tokensOf(characters), calls: exchanges.length, pages: [...new Set(pages)] };
}

/** Tokens of so many characters. */
export function tokensOf(characters) {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The address of the page that a fact says was read; one that was rejected has no record. */
function pagesIn(event) {
  const url = event.step_succeeded?.reply?.page?.url;
  return url === undefined ? [] : [url];
}
