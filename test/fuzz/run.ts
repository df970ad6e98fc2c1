// Sends bad input of many sorts to an API server of its own and holds it to what it promises: `npm run fuzz`.

import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
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
    from: { type: "string", default: "0" },
    only: { type: "string" },
    report: { type: "string", default: ".build/fuzz.txt" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const USAGE = `node test/fuzz/run.ts [--targets NAME,...] [--inputs N] [--from INDEX] [--seed S] [--only INDEX] [--report FILE] [--keep]

  --inputs N     so many of each target (${values.inputs})
  --from INDEX   not from the first one on (${values.from})
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
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

const results: TargetResult[] = [];
const write = (found: readonly Pick<TargetResult, "name" | "findings">[]) =>
  writeFileSync(values.report, formatFindings(found, seed));
mkdirSync(dirname(values.report), { recursive: true });
const directory = await mkdtemp(join(tmpdir(), "fuzz-"));
try {
  for (const target of chosen) {
    if (stop.signal.aborted) break;
    const { name } = target;
    // A server of its own: what one target leaves behind is not blamed on the next.
    await using server = await FuzzedServer.start(join(directory, target.name), stop.signal);
    results.push(
      await runTarget(target, server, {
        ...{ seed, inputs: Number(values.inputs), from: Number(values.from), signal: stop.signal, note: console.log },
        // A run of hours that something ends has said until then what it found.
        report: (findings) => write([...results, { name, findings }]),
        only: values.only === undefined ? undefined : Number(values.only),
      }),
    );
  }
} finally {
  if (values.keep) console.log(`Kept: ${directory}`);
  else await rm(directory, { recursive: true, force: true });
}

write(results);
const broken = results.reduce((sum, { findings }) => sum + findings.count, 0);
for (const { name, findings } of results)
  for (const line of findings.describe(name, seed)) console.log(line.slice(0, 300));
console.log(formatTable(results));
const stopped = stop.signal.aborted ? `, ${stop.signal.reason.message}` : "";
console.log(`seed ${seed}: ${broken} findings${stopped}, see ${values.report}`);
process.exitCode = broken === 0 && !stop.signal.aborted ? 0 : 1;
