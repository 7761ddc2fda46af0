// Serves the built Worker until it is stopped: what `make serve` runs.
//
//   PORT=8787  HOST=127.0.0.1  DATA=.data   where to listen, and where to keep the data
//   DEV=1                                   reach private addresses too (those that ALLOW_PRIVATE_HOSTS names)
//
// Every other setting (API_KEYS, SEARCH, MODEL, ...) is read from the environment by the Worker itself.

import { startWorkerd, Trouble } from "./workerd.mjs";

const { PORT = "8787", HOST = "127.0.0.1", DATA = ".data", DEV, API_KEYS, ALLOW_ANONYMOUS } = process.env;
const development = Boolean(DEV) && DEV !== "0";
const anonymous = Boolean(ALLOW_ANONYMOUS) && ALLOW_ANONYMOUS !== "0";

let stopping = false;
let stop = () => process.exit(130); // While workerd starts: its own exit handler ends it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    stopping = true;
    stop();
  });
}

try {
  const workerd = await startWorkerd({
    config: development ? "workerd.dev.capnp" : "workerd.capnp",
    address: `${HOST}:${PORT}`,
    data: DATA,
    env: process.env,
  });
  stop = () => void workerd.stop();
  console.error(`Footnote answers on ${workerd.url} (data in ${DATA}${development ? ", development network" : ""})`);
  if (!API_KEYS && !anonymous) {
    console.error("No key is configured, so every request but GET /health gets 401: set API_KEYS, or ALLOW_ANONYMOUS=1.");
  } else if (anonymous && !["127.0.0.1", "[::1]", "localhost"].includes(HOST)) {
    console.error(`ALLOW_ANONYMOUS is set: whoever reaches ${HOST}:${PORT} can use this machine for research.`);
  }
  const how = await workerd.exited;
  if (!stopping) throw new Trouble(`workerd ended by itself (${how})`);
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error);
  process.exitCode = 1;
}
