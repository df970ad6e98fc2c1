// The options of a run, from its command line.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CLASS_CHOICES, type ClassChoice } from "./selection.ts";
import { CONTENT_TYPES, type ContentType } from "./suite-run.ts";

export interface RunOptions {
  readonly class: ClassChoice;
  readonly focus: string | undefined;
  readonly isThird: boolean;
  /** Undefined: a Supervisor of the run's own. */
  readonly kubeconfig: string | undefined;
  readonly contentType: ContentType;
  readonly outputDirectory: string;
  readonly processes: number;
  readonly resume: boolean;
  readonly cacheDirectory: string;
  readonly buildJobs: number | undefined;
  /** Set by the program for its second run, inside the namespaces. */
  readonly inside: boolean;
}

export class UsageError extends Error {}

/** Processes mostly wait for the cluster; six keep two cores busy. */
const PROCESSES_DEFAULT = "6";
/** Each is a client with its own watches, of some 200 MiB. */
const PROCESSES_MAX = 64;

export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      class: { type: "string", default: "api" },
      focus: { type: "string" },
      kubeconfig: { type: "string" },
      "content-type": { type: "string", default: "protobuf" },
      output: { type: "string", default: ".build/conformance" },
      procs: { type: "string", default: PROCESSES_DEFAULT },
      resume: { type: "boolean", default: false },
      third: { type: "boolean", default: false },
      cache: { type: "string", default: "/var/cache/atoll" },
      jobs: { type: "string" },
      inside: { type: "boolean", default: false },
    },
  });
  const options: RunOptions = {
    class: choose("--class", values.class, CLASS_CHOICES),
    focus: values.focus,
    isThird: values.third,
    kubeconfig: values.kubeconfig === undefined ? undefined : resolve(values.kubeconfig),
    contentType: choose("--content-type", values["content-type"], Object.keys(CONTENT_TYPES) as ContentType[]),
    outputDirectory: resolve(values.output),
    processes: wholeNumber("--procs", values.procs, PROCESSES_MAX),
    resume: values.resume,
    cacheDirectory: resolve(values.cache),
    buildJobs: values.jobs === undefined ? undefined : wholeNumber("--jobs", values.jobs, PROCESSES_MAX),
    inside: values.inside,
  };
  checkFocus(options.focus);
  if (options.kubeconfig === undefined && options.class !== "api") {
    throw new UsageError(
      `Tests of class "${options.class}" run pods: give --kubeconfig of a Supervisor with hosts ("atoll up", "atoll kubeconfig")`,
    );
  }
  return options;
}

function choose<T extends string>(flag: string, given: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === given);
  if (choice === undefined) throw new UsageError(`${flag} is one of ${choices.join(", ")}, not "${given}"`);
  return choice;
}

function wholeNumber(flag: string, given: string, max: number): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new UsageError(`${flag} is a whole number from 1 to ${max}, not "${given}"`);
  return value;
}

function checkFocus(focus: string | undefined): void {
  try {
    new RegExp(focus ?? "");
  } catch (error) {
    throw new UsageError(`--focus is a regular expression: ${error instanceof Error ? error.message : error}`);
  }
}
