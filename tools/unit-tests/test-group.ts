// The tests of several files in this one process, file by file: `node tools/unit-tests/test-group.ts FILE ...`. Each file is a
// suite of its own, so that what it does before and after its tests is done around them and not around those of others.

import { describe } from "node:test";
import { pathToFileURL } from "node:url";

/** A file that hangs is ended, so that the others are still heard. */
const FILE_TIMEOUT_MS = 120_000;

for (const file of process.argv.slice(2)) {
  describe(file, { timeout: FILE_TIMEOUT_MS }, async () => {
    await import(pathToFileURL(file).href);
  });
}
