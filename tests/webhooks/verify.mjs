// Reads lines of {secret, headers, body, valid} and fails on the first whose signature the standard's own library for
// JavaScript judges otherwise.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body, valid } = JSON.parse(line);
  let verdict = true;
  try {
    new Webhook(secret).verify(body, headers);
  } catch (error) {
    verdict = false;
  }
  if (verdict !== valid) {
    console.error(`${line}\nshould be ${valid ? "valid" : "invalid"}`);
    process.exit(1);
  }
  count += 1;
}
console.log(count);
