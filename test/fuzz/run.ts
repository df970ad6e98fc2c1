// Sends bad input of many sorts to an API server of its own and holds it to what it promises: `npm run fuzz`.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { runTarget, type TargetResult } from "./fuzz-run.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { formatFindings, formatTable } from "./report.ts";
import { TARGETS } from "./targets/all.ts";

const { values } = parseArgs({
  options: {
    targets: { type: "string", default: TARGETS.map(({ name }) => name).join(",") },
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    report: { type: "string", default: ".build/fuzz.txt" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const USAGE = `node test/fuzz/run.ts [--targets NAME,...] [--inputs N] [--seed S] [--only INDEX] [--report FILE] [--keep]

  --inputs N     so many of each target (${values.inputs})
  --seed S       decides what they are (${values.seed})
  --only INDEX   just this one, with what it is answered
  --report FILE  findings with examples (${values.report})
  --keep         leaves the server's directory, to look at its log

Targets:
${TARGETS.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join("\n")}`;

if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const chosen = values.targets.split(",").map((name) => {
  const target = TARGETS.find((each) => each.name === name);
  if (!target) throw new Error(`No target is called "${name}"\n${USAGE}`);
  return target;
});
const seed = Number(values.seed);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => stop.abort(new Error(`Stopped by ${name}`)));

const results: TargetResult[] = [];
const directory = await mkdtemp(join(tmpdir(), "fuzz-"));
try {
  for (const target of chosen) {
    // A server of its own: what one target leaves behind is not blamed on the next.
    await using server = await FuzzedServer.start(join(directory, target.name), stop.signal);
    results.push(
      await runTarget(target, server, {
        ...{ seed, inputs: Number(values.inputs), signal: stop.signal, note: console.log },
        only: values.only === undefined ? undefined : Number(values.only),
      }),
    );
  }
} finally {
  if (values.keep) console.log(`Kept: ${directory}`);
  else await rm(directory, { recursive: true, force: true });
}

await mkdir(dirname(values.report), { recursive: true });
await writeFile(values.report, formatFindings(results, seed));
const broken = results.reduce((sum, { findings }) => sum + findings.count, 0);
for (const { name, findings } of results)
  for (const line of findings.describe(name, seed)) console.log(line.slice(0, 300));
console.log(formatTable(results));
console.log(`seed ${seed}: ${broken} findings, see ${values.report}`);
process.exitCode = broken === 0 ? 0 : 1;
