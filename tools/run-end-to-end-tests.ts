// Runs the end-to-end tests on a Supervisor of their own, on real microVMs, as root.
//
//   node tools/run-end-to-end-tests.ts [--cache DIR] [--keep] [name part ...]

import { parseArgs } from "node:util";
import { runInOwnNamespaces } from "./own-namespaces.ts";
import { sourceFiles } from "./source-files.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cache: { type: "string", default: "/var/cache/atoll" },
    keep: { type: "boolean", default: false },
  },
});

const tests = sourceFiles([".e2e.ts"]).filter(
  (file) => positionals.length === 0 || positionals.some((part) => file.includes(part)),
);
if (tests.length === 0) {
  console.error(`No end-to-end test matches ${positionals.join(" ")}`);
  process.exit(2);
}
// First what a new user does; last what must leave nothing behind.
const order = (file: string) => (file.endsWith("/demo.e2e.ts") ? 0 : file.endsWith("/down.e2e.ts") ? 2 : 1);
tests.sort((a, b) => order(a) - order(b));
console.log(`end-to-end: ${tests.length} files`);
process.exit(
  runInOwnNamespaces([process.execPath, "--test", "--test-concurrency=1", "--test-timeout=900000", ...tests], {
    cacheDirectory: values.cache,
    keepState: values.keep,
  }),
);
