// The long-running programs of a local Supervisor: started detached under `deploy/local/keep.sh`, which starts them again when
// they die, and stopped by pid. Idempotent both ways.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, closeSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { CodedError } from "@atoll/base/errors";
import type { LocalLayout } from "./layout.ts";

export interface Service {
  /** Unique on the machine, names the pid and log files. */
  readonly name: string;
  readonly command: readonly string[];
  /** Runs as this user, without any privilege; absent: as root. */
  readonly user?: string;
  /** Runs in this network namespace; absent: the machine's own. */
  readonly networkNamespace?: string;
}

export class ServiceError extends CodedError<"StartFailed" | "StopFailed"> {}

/** A program gets this long to end by itself: the Supervisor closes its store, spherelet and hostd hold nothing. */
const STOP_TIMEOUT_MS = 15_000;

export class Services {
  readonly #layout: LocalLayout;
  readonly #clock: Clock;

  constructor(layout: LocalLayout, clock: Clock) {
    this.#layout = layout;
    this.#clock = clock;
  }

  isRunning(name: string): boolean {
    return this.pid(name) !== undefined;
  }

  /** Process of the program itself, not of its keeper. */
  pid(name: string): number | undefined {
    const keeper = readLivePid(this.#layout.pidFile(name), "keep.sh");
    return keeper === undefined ? undefined : (readLivePid(`${this.#layout.pidFile(name)}.child`) ?? keeper);
  }

  /** When the program itself was started, on the clock that files have; undefined when it does not run. */
  startedAtMs(name: string): number | undefined {
    if (!this.isRunning(name)) return undefined;
    const pidFile = `${this.#layout.pidFile(name)}.child`;
    return existsSync(pidFile) ? statSync(pidFile).mtimeMs : undefined;
  }

  /** Starts the service unless it runs. Returns whether it had to. */
  start(service: Service): boolean {
    if (this.isRunning(service.name)) return false;
    const pidFile = this.#layout.pidFile(service.name);
    mkdirSync(dirname(pidFile), { recursive: true });
    mkdirSync(this.#layout.logDirectory, { recursive: true });
    const keep = join(this.#layout.roots.programDirectory, "deploy/local/keep.sh");
    const command = ["sh", keep, pidFile, this.#layout.logFile(service.name), ...this.commandOf(service)];
    const log = openSync(this.#layout.logFile(service.name), "a");
    const child = spawn(command[0] ?? "sh", command.slice(1), {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
    });
    closeSync(log);
    child.unref();
    return true;
  }

  /** The whole command line of a service: network namespace, user and confinement included. */
  commandOf(service: Service): string[] {
    const { programDirectory } = this.#layout.roots;
    const confined = service.user
      ? [
          "sh",
          join(programDirectory, "deploy/local/confine.sh"),
          service.user,
          programDirectory,
          this.#layout.confinedProgramDirectory,
          ...service.command,
        ]
      : [...service.command];
    return service.networkNamespace ? ["ip", "netns", "exec", service.networkNamespace, ...confined] : confined;
  }

  /** Stops the service and waits for its end; one that does not end in time is killed. */
  async stop(name: string, signal: AbortSignal): Promise<boolean> {
    const pidFile = this.#layout.pidFile(name);
    const keeper = readLivePid(pidFile, "keep.sh");
    if (keeper === undefined) {
      rmSync(pidFile, { force: true });
      rmSync(`${pidFile}.child`, { force: true });
      return false;
    }
    const child = readLivePid(`${pidFile}.child`);
    process.kill(keeper, "SIGTERM");
    const deadline = this.#clock.monotonicMs() + STOP_TIMEOUT_MS;
    while (isAlive(keeper)) {
      if (this.#clock.monotonicMs() > deadline) {
        for (const pid of [keeper, child]) if (pid !== undefined && isAlive(pid)) process.kill(pid, "SIGKILL");
        break;
      }
      await this.#clock.sleep(50, signal);
    }
    rmSync(pidFile, { force: true });
    rmSync(`${pidFile}.child`, { force: true });
    return true;
  }

  /** The last lines of a service's log, for the error that says it did not come up. */
  logTail(name: string, lines = 15): string {
    const file = this.#layout.logFile(name);
    if (!existsSync(file)) return "(no log)";
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }
}

/** A process that has ended but was not waited for (in a container, often nobody does) counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The pid in a file, if such a process lives and, when asked, its command line holds `marker` (pids are reused). */
function readLivePid(file: string, marker?: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").trim());
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  if (marker !== undefined) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(marker)) return undefined;
    } catch {
      return undefined;
    }
  }
  return pid;
}
