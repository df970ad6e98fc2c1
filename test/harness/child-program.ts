// A program that runs beside a test and ends with it.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@atoll/base/clock";

const STOP_TIMEOUT_MS = 20_000;

export interface ProgramStart {
  /** Names the log. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  /** Where it runs and logs. */
  readonly directory: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface ChildProgram extends AsyncDisposable {
  readonly child: ChildProcess;
}

/** It writes to `<directory>/<name>.log` and is stopped, at last by force, when disposed of. */
export function startProgram({ name, path, args, directory, environment }: ProgramStart): ChildProgram {
  const log = openSync(join(directory, `${name}.log`), "a");
  const child = spawn(path, args, {
    cwd: directory,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...environment },
  });
  closeSync(log);
  const ended = once(child, "exit");
  return {
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      using _ = systemClock.setTimer(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
      await ended;
    },
  };
}
