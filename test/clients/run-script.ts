// Runs scripts on one server or on two, checks each line's result, and compares the two servers' where there are two.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@atoll/base/clock";
import { reasonFor, settle } from "./settle.ts";
import type { Script, Step } from "./script.ts";
import type { Shell, ShellResult } from "./shell.ts";

/** Controllers on a machine that is busy otherwise. */
const EVENTUALLY_MS = 60_000;
const RETRY_MS = 300;
const SHOWN_CHARACTERS = 2_000;
const SHOWN_LINES = 40;

export interface Side {
  readonly name: "atoll" | "upstream";
  readonly shell: Shell;
}

export interface ScriptReport {
  /** Lines run on Atoll. */
  readonly lines: number;
  /** Of them, those whose output was compared with upstream's. */
  readonly compared: number;
  /** One text each, ready to print. */
  readonly failures: readonly string[];
  /** By reason. */
  readonly known: ReadonlyMap<string, number>;
}

export async function runScript(script: Script, sides: readonly Side[]): Promise<ScriptReport> {
  const failures: string[] = [];
  const known = new Map<string, number>();
  let compared = 0;
  for (const { shell } of sides) if (script.files) await shell.writeFiles(script.files);
  for (const step of script.steps) {
    const results = await Promise.all(
      sides.filter(({ name }) => name === "atoll" || !step.ownOnly).map(({ shell }) => runStep(step, shell)),
    );
    for (const [index, { result, complaint }] of results.entries()) {
      if (complaint) failures.push(describeFailure(`${script.name} on ${sides[index]?.name}`, step, result, complaint));
    }
    const [atoll, upstream] = results;
    if (!atoll || !upstream || step.compared === false) continue;
    compared += 1;
    const differences = differingLines(atoll.result, upstream.result);
    const open = differences.filter((text) => {
      const because = reasonFor(text, step.run);
      if (because) known.set(because, (known.get(because) ?? 0) + 1);
      return !because;
    });
    if (open.length > 0) failures.push([`${script.name}: $ ${step.run}`, ...shorten(open)].join("\n  "));
  }
  return { lines: script.steps.length, compared, failures, known };
}

interface StepResult {
  readonly result: ShellResult;
  readonly complaint: string | undefined;
}

async function runStep(step: Step, shell: Shell): Promise<StepResult> {
  const deadlineMs = systemClock.monotonicMs() + EVENTUALLY_MS;
  for (;;) {
    const result = await shell.run(step.run);
    const complaint = complaintAbout(step, result);
    if (!complaint || !step.eventually || systemClock.monotonicMs() > deadlineMs) return { result, complaint };
    await systemClock.sleep(RETRY_MS);
  }
}

function complaintAbout({ code = 0, stdout = [], stderr }: Step, result: ShellResult): string | undefined {
  if (result.code !== code) return `ended with ${result.code}, not ${code}`;
  const missing = [stdout].flat().find((wanted) => !wanted.test(result.stdout));
  if (missing) return `printed nothing like ${missing}`;
  if (stderr && !stderr.test(result.stderr)) return `complained of nothing like ${stderr}`;
  return undefined;
}

function describeFailure(where: string, step: Step, { stdout, stderr }: ShellResult, complaint: string): string {
  const output = `${stdout}${stderr}`.slice(0, SHOWN_CHARACTERS).replaceAll("\n", "\n    ");
  return `${where}: $ ${step.run}\n  ${complaint}:\n    ${output}`;
}

/** As `diff` tells them, with the sign that says whose they are: "+" Atoll's, "-" upstream's. */
function differingLines(atoll: ShellResult, upstream: ShellResult): string[] {
  const differences: string[] = [];
  if (atoll.code !== upstream.code) differences.push(`+ code ${atoll.code}`, `- code ${upstream.code}`);
  for (const stream of ["stdout", "stderr"] as const) {
    const [ours, theirs] = [settle(atoll[stream]), settle(upstream[stream])];
    if (ours !== theirs) differences.push(...diff(theirs, ours));
  }
  return differences;
}

function diff(before: string, after: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), "clients-diff-"));
  try {
    for (const [name, text] of Object.entries({ before, after })) writeFileSync(join(directory, name), text);
    const done = spawnSync("diff", ["-U0", "before", "after"], {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (done.status !== 1) throw new Error(`diff ended with ${done.status}: ${done.stderr}${done.error ?? ""}`);
    // Two lines name the files, and others the places.
    const lines = done.stdout
      .split("\n")
      .slice(2)
      .filter((text) => /^[+-]/.test(text));
    return lines.map((text) => `${text.slice(0, 1)} ${text.slice(1)}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function shorten(lines: readonly string[]): string[] {
  const shown = lines.slice(0, SHOWN_LINES).map((text) => text.slice(0, SHOWN_CHARACTERS / 8));
  return lines.length > SHOWN_LINES ? [...shown, `... ${lines.length} lines`] : shown;
}
