// Finding, watching and ending a monitor by its process. A monitor is known by a name in its command line that nothing else
// has, so that a process id used again by somebody else is never taken for it, whoever started it and when.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { type MicroVmUsage, VmmError } from "../vmm.ts";

const CLOCK_TICKS_PER_SECOND = 100;
const GONE_POLL_MS = 10;
/** A process that does not go when killed waits for a disk, and may do so for ever: whoever asked is told. */
const GONE_MS_MAX = 5000;

/** The process that bubblewrap says it started; undefined before it does. */
export async function readChildPid(statusFile: string): Promise<number | undefined> {
  const text = await readFile(statusFile, "utf8").catch(ignoreMissing);
  const pid = text && /"child-pid":\s*(\d+)/.exec(text)?.[1];
  return pid ? Number(pid) : undefined;
}

/** A process that becomes another program has no command line until it gets the processor again: on a busy host, a while. */
const BLANK_MS_MAX = 500;
const BLANK_POLL_MS = 2;
/** Of the flags in /proc/<pid>/stat: a thread of the kernel, which never has one. */
const KERNEL_THREAD_FLAG = 0x00200000;
/** Counted behind the state. */
const FLAGS_FIELD = 5;

/** Whether the process lives and is the one of that name. A zombie is dead: nobody may be there to reap it. */
export async function isMonitor(pid: number, processName: string, clock: Clock): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + BLANK_MS_MAX;
  for (;;) {
    const [commandLine, stat] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8").catch(ignoreMissing),
      readFile(`/proc/${pid}/stat`, "utf8").catch(ignoreMissing),
    ]);
    if (commandLine === undefined || stat === undefined) return false;
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" || state === "X") return false;
    if (commandLine !== "") return commandLine.split("\0").includes(processName);
    if ((Number(fields[FLAGS_FIELD]) & KERNEL_THREAD_FLAG) !== 0 || clock.monotonicMs() > deadlineMs) return false;
    await clock.sleep(BLANK_POLL_MS);
  }
}

/** Every process of that name: the monitor and the programs that were on the way to becoming it. */
export async function findByName(processName: string, clock: Clock): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isMonitor(pid, processName, clock)) ? [pid] : [])));
  return found.flat();
}

/** Kills at once, also what stands still, and waits until the process is gone. */
export async function killMonitor(pid: number, processName: string, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + GONE_MS_MAX;
  while (await isMonitor(pid, processName, clock)) {
    if (clock.monotonicMs() > deadlineMs) {
      throw new VmmError(
        "Timeout",
        `Process ${pid} of "${processName}" was killed ${GONE_MS_MAX} ms ago and is still there`,
      );
    }
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!hasCode(error, "ESRCH")) throw error;
    }
    await clock.sleep(GONE_POLL_MS);
  }
}

export async function readUsage(pid: number): Promise<MicroVmUsage> {
  const [stat, smaps] = await Promise.all([
    readFile(join("/proc", String(pid), "stat"), "utf8").catch(ignoreMissing),
    readFile(join("/proc", String(pid), "smaps_rollup"), "utf8").catch(ignoreMissing),
  ]);
  const fields = stat ? stat.slice(stat.lastIndexOf(")") + 2).split(" ") : [];
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  const privateKiB = [...(smaps ?? "").matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)].map(([, kiB]) =>
    Number(kiB),
  );
  return {
    cpuMs: (ticks * 1000) / CLOCK_TICKS_PER_SECOND,
    privateBytes: privateKiB.reduce((sum, kiB) => sum + kiB * 1024, 0),
  };
}

function ignoreMissing(error: unknown): undefined {
  if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return undefined;
  throw error;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
