// Prints the size of a wasm file, raw and gzipped: `node scripts/size.mjs build/index_bg.wasm`.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const file = process.argv[2];
const bytes = readFileSync(file);
const kb = (n) => `${(n / 1000).toFixed(0)} kB`;
console.log(`${file}: ${kb(bytes.length)}, ${kb(gzipSync(bytes, { level: 9 }).length)} gzipped`);
