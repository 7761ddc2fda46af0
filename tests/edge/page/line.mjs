// A line to a server that can be cut, as on a train: the browser's own offline mode leaves streams that are open alone.

import { connect, createServer } from "node:net";
import { once } from "node:events";

/** A line to `origin`. `cut()` breaks what is open and refuses what comes, until `mend()`. */
export async function lineTo(origin) {
  const { hostname, port } = new URL(origin);
  const open = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ]) {
      open.add(end);
      end.pipe(other);
      // Either end may go first; what the browser sees of it is what is tested.
      end.on("error", () => other.destroy());
      end.on("close", () => {
        open.delete(end);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    whole = false;
    for (const end of open) end.destroy();
  };
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    cut,
    mend: () => {
      whole = true;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
