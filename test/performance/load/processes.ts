// What processes cost: CPU time and memory, as the kernel counts them.

import { readFileSync } from "node:fs";

/** Of /proc/<pid>/stat: Linux counts a hundred a second for programs, on all its architectures. */
const TICK_MS = 10;

/** CPU milliseconds used so far, in user and kernel. */
export function cpuMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }, 0);
}

/** Proportional set size, MiB: shared pages count once among all who share them. */
export function memoryMibOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kib = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return sum + Number(kib ?? Number.NaN) / 1024;
  }, 0);
}
