import assert from "node:assert/strict";
import { test } from "node:test";
import { sentAndRead, tokensOf } from "./tokens.mjs";

test("prompts and the pages that were read are told from a bundle", () => {
  const lines = [
    { head: { format: "footnote-bundle/1" } },
    { fact: { seq: 0, event: { step_succeeded: { step: "plan", reply: { thought: {} } } } } },
    { fact: { seq: 1, event: { step_succeeded: { step: "read.p1", reply: { page: { url: "http://a.example/x" } } } } } },
    { fact: { seq: 2, event: { step_succeeded: { step: "read.p2", reply: { rejected: { reason: "too thin" } } } } } },
    { exchange: { step: "plan", system: "abcd", user: "efgh", reply: "{}" } },
    { exchange: { step: "analyze.p1", system: "ab", user: "c" } },
    { end: { sha256: "00" } },
  ];
  const bundle = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
  assert.deepEqual(sentAndRead(bundle), { sent: 3, calls: 2, pages: ["http://a.example/x"] });
  assert.equal(tokensOf(9), 3);
});
