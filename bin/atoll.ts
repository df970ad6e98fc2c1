// The command line's front door: the world it runs in, and what becomes of errors.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { createProgram } from "@atoll/cli/program";

const programDirectory = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupt.abort(new Error(`Stopped by ${name}`)));
}

const program = createProgram(version, (roots) => ({
  roots: { ...roots, programDirectory },
  clock: systemClock,
  signal: interrupt.signal,
  print: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
}));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`atoll: ${describeError(error)}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
