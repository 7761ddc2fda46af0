// What every program of this repository does around its work: ends what it started, whatever happens, and says what went
// wrong. Shared by `make demo` and `make eval`.

import { Trouble } from "./workerd.mjs";

/** What the work has started: `ends` are called last first; `progress` is the line being drawn, `tail` what workerd wrote last. */
export const run = { ends: [], progress: undefined, tail: () => "", interrupted: false };

/** Says something beside the work's own output. */
export function say(text) {
  console.error(text);
}

/**
 * Runs a program to its end, or until it is interrupted.
 * @param {() => Promise<void>} main the work
 * @param {string} log where workerd writes, as a person would look for it
 */
export async function toTheEnd(main, log) {
  for (const [signal, exitCode] of [["SIGHUP", 129], ["SIGINT", 130], ["SIGTERM", 143]]) {
    process.once(signal, async () => {
      run.interrupted = true;
      await endAll();
      process.exit(exitCode);
    });
  }
  try {
    await main();
  } catch (error) {
    if (!run.interrupted) {
      run.progress?.end();
      say(error instanceof Trouble ? error.message : (error.stack ?? String(error)));
      const said = run.tail();
      if (said !== "") say(`--- the end of ${log} ---\n${said}`);
      process.exitCode = error.exitCode ?? 1;
    }
  } finally {
    await endAll();
  }
}

async function endAll() {
  run.progress?.end();
  while (run.ends.length > 0) await run.ends.pop()();
}
