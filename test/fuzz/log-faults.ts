// What a program logged that it should not have: failures of its own, and warnings of Node's.

import { existsSync, readFileSync } from "node:fs";
import { isRecord } from "@atoll/base/is-record";

const ERROR_LEVEL = 50;
/** Their requests are judged by their answers. */
const JUDGED = [
  "Too large resource version",
  "unsupported role reference kind",
  "error trying to reach service",
  "range is full",
];

export interface LogFault {
  readonly sort: string;
  readonly line: string;
}

export class LogReader {
  readonly #file: string;
  #read = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Since the last question. */
  take(): LogFault[] {
    if (!existsSync(this.#file)) return [];
    const text = readFileSync(this.#file, "utf8");
    const lines = text.slice(this.#read).split("\n");
    this.#read = text.length;
    return lines
      .filter((line) => line !== "" && !JUDGED.some((text) => line.includes(text)))
      .flatMap((line) => faultOf(line) ?? []);
  }
}

function faultOf(line: string): LogFault | undefined {
  const entry = parse(line);
  if (!entry) return { sort: `logged: ${line}`, line };
  if (typeof entry.level !== "number" || entry.level < ERROR_LEVEL) return undefined;
  const cause = isRecord(entry.error) ? entry.error.message : "";
  return { sort: `logged: ${entry.msg}: ${cause}`, line };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isRecord(entry) ? entry : undefined;
  } catch {
    // Not the program's logger wrote it, but Node itself.
    return undefined;
  }
}
