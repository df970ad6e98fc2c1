// The process, by what the kernel and Node say of it (Linux: /proc/self).

import { readdir, readFile } from "node:fs/promises";
import type { GaugeValue, MetricsRegistry } from "@atoll/base/metrics";
import { VERSION } from "../discovery/version.ts";

const MICROSECONDS = 1e6;
const KIBIBYTE = 1024;

export function registerProcessMetrics(registry: MetricsRegistry, startedAtMs: number): void {
  const add = (name: string, help: string, read: () => number | Promise<number | undefined>, type?: "counter") =>
    registry.gauge(name, help, async () => gaugeValues(await read()), type);
  add("process_cpu_seconds_total", "CPU time used, in seconds.", cpuSeconds, "counter");
  add("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage().rss);
  add("process_virtual_memory_bytes", "Virtual memory.", virtualMemoryBytes);
  add("process_open_fds", "Open file descriptors.", openDescriptors);
  add("process_max_fds", "File descriptors that may be open.", descriptorsMax);
  add("process_start_time_seconds", "When the process started.", () => startedAtMs / 1000);
  add("nodejs_heap_size_used_bytes", "Memory that JavaScript uses.", () => process.memoryUsage().heapUsed);
  add("nodejs_heap_size_total_bytes", "Memory that JavaScript has.", () => process.memoryUsage().heapTotal);
  const { major, minor, gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform } = VERSION;
  const labels = {
    ...{ major, minor, platform, compiler },
    ...{ git_version: gitVersion, git_commit: gitCommit, git_tree_state: gitTreeState },
    ...{ build_date: buildDate, go_version: goVersion },
  };
  registry.gauge("kubernetes_build_info", "1, with what /version says.", () => [{ labels, value: 1 }]);
}

/** What nobody knows here is left out. */
function gaugeValues(value: number | undefined): GaugeValue[] {
  return value === undefined ? [] : [{ labels: {}, value }];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS;
}

async function virtualMemoryBytes(): Promise<number | undefined> {
  const kibibytes = /^VmSize:\s*(\d+) kB$/m.exec(await readFile("/proc/self/status", "utf8"))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * KIBIBYTE;
}

async function openDescriptors(): Promise<number> {
  // One of them reads the directory.
  return (await readdir("/proc/self/fd")).length - 1;
}

async function descriptorsMax(): Promise<number | undefined> {
  const soft = /^Max open files\s+(\d+)/m.exec(await readFile("/proc/self/limits", "utf8"))?.[1];
  return soft === undefined ? undefined : Number(soft);
}
