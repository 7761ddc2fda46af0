// Where this machine's browser is. `make chromium` sees to it that there is one.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** The path of `CHROMIUM`, or of the first browser that is found by its usual names; nothing when there is none. */
export function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
