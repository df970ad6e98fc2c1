// The floor under a pod's cold start: the same QEMU, the same devices and the same kernel, with a static first process that
// prints one line. From the exec of QEMU to that line.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildQemuArguments, jailPaths } from "@atoll/host/vmm/qemu-microvm/command-line";
import type { Accelerator } from "@atoll/host/vmm/vmm";
import { checkout } from "../harness/machine.ts";

const LINE = "floor: the first process runs";
const RUN_TIMEOUT_MS = 30_000;

export interface Floor {
  readonly qemu: readonly string[];
}

/** Builds the first process and its system disk in `directory`. */
export function buildFloor(
  directory: string,
  options: { readonly bundleDirectory: string; readonly accelerator: Accelerator; readonly tscKhz: number | undefined },
): Floor {
  mkdirSync(directory, { recursive: true });
  const init = join(directory, "init");
  const systemDisk = join(directory, "floor.erofs");
  const flags = ["--edition", "2021", "-O", "-C", "target-feature=+crt-static", "--target", "x86_64-unknown-linux-gnu"];
  execFileSync("rustc", [...flags, "-o", init, join(checkout, "test/performance/floor.rs")], { stdio: "inherit" });
  execFileSync("sh", [join(checkout, "guest/rootfs/make-system-disk.sh"), init, systemDisk], { stdio: "inherit" });
  const disk = join(directory, "disk.raw");
  writeFileSync(disk, "");
  execFileSync("truncate", ["-s", "2G", disk]);
  const spec = {
    id: "floor",
    kernelPath: join(options.bundleDirectory, "vmlinux"),
    systemDiskPath: systemDisk,
    kernelArguments: ["atoll.personality=pod"],
    vcpus: 1,
    memoryBytes: 268_435_456,
    disks: [{ serial: "ephemeral", path: disk, readOnly: false }],
    userId: 0,
  };
  const args = buildQemuArguments(spec, {
    accelerator: options.accelerator,
    tscKhz: options.tscKhz,
    processName: "floor",
  });
  const places = new Map([
    [jailPaths.disk("ephemeral"), disk],
    [jailPaths.systemDisk, systemDisk],
    [jailPaths.kernel, spec.kernelPath],
    [jailPaths.qmpSocket, join(directory, "qmp")],
    [jailPaths.agentSocket, join(directory, "agent")],
  ]);
  const placed = args.map((arg) => [...places].reduce((text, [jailed, real]) => text.replaceAll(jailed, real), arg));
  // The console comes to this process instead of QEMU's memory.
  return { qemu: placed.map((arg) => (arg.startsWith("ringbuf,id=console") ? "stdio,id=console,signal=off" : arg)) };
}

/** Milliseconds from exec to the line. */
export async function runFloor(floor: Floor): Promise<number> {
  const started = performance.now();
  const qemu = spawn("qemu-system-x86_64", floor.qemu, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let text = "";
    for await (const chunk of qemu.stdout) {
      text += chunk;
      if (text.includes(LINE)) return performance.now() - started;
      if (performance.now() - started > RUN_TIMEOUT_MS) break;
    }
    throw new Error(`The floor guest did not print its line: ${text.slice(-500)}`);
  } finally {
    qemu.kill("SIGKILL");
  }
}

/** Directory of the newest bundle of the cache that the Supervisor under test uses. */
export function bundleOf(hostdConfiguration: string): string {
  const directory = /^bundleDirectory: (.+)$/m.exec(readFileSync(hostdConfiguration, "utf8"))?.[1] ?? "";
  if (!readdirSync(directory).includes("vmlinux")) throw new Error(`"${directory}" is no bundle`);
  return directory;
}
