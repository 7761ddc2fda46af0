// One line that tells how far the work is: redrawn in place on a terminal, a plain line now and then elsewhere.

/** How often a line is written where it cannot be redrawn. */
const PLAIN_LINE_MS = 2_000;
const BAR_CELLS = 24;

/** Progress on standard error, so that standard output holds the report alone. */
export class Progress {
  #stream = process.stderr;
  #started = performance.now();
  #lineAt = -Infinity;
  #last = "";
  #written = "";

  /** Shows a share from 0 to 1 and a few words about it. */
  show(label, share, words) {
    const filled = Math.round(Math.min(Math.max(share, 0), 1) * BAR_CELLS);
    const bar = "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
    const percent = `${Math.floor(Math.min(Math.max(share, 0), 1) * 100)}`.padStart(3);
    this.#last = `${label.padEnd(12)} ${bar} ${percent} %  ${words} · ${this.elapsed()}`;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${this.#last.slice(0, (this.#stream.columns || 80) - 1)}`);
    } else if (performance.now() - this.#lineAt >= PLAIN_LINE_MS) {
      this.#line();
    }
  }

  /** Leaves the last line standing. */
  end() {
    if (this.#last === "") return;
    if (this.#stream.isTTY) this.#stream.write("\n");
    else if (this.#written !== this.#last) this.#line();
    this.#last = "";
  }

  elapsed() {
    return seconds(performance.now() - this.#started);
  }

  #line() {
    this.#lineAt = performance.now();
    this.#written = this.#last;
    this.#stream.write(`${this.#last}\n`);
  }
}

/** `8.4 s`, `2 min 05 s`. */
export function seconds(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** `1 page`, `2 pages`. */
export function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
