// What every maker of microVMs promises, by the real one. Needs root, QEMU, bubblewrap and a guest bundle, and runs in
// namespaces of its own; `node test/e2e/run.ts hosts` gives it both.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bundleManifest } from "@atoll/api/config/bundle";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { runCommand } from "@atoll/base/node/run-command";
import { systemRandom } from "@atoll/base/random";
import type { MicroVmSpec } from "../vmm.ts";
import { describeVmm } from "../vmm-suite.ts";
import { AcceleratorMemory } from "./accelerator-memory.ts";
import { MonitorCgroups } from "./monitor-cgroups.ts";
import { QemuMicroVmm } from "./qemu-microvm.ts";

const HOST_NAME = "vmm-suite";
const START_MS_MAX = 60_000;
const REMOVE_MS_MAX = 5000;
const bundleDirectory = process.env.ATOLL_TEST_BUNDLE ?? "";
if (bundleDirectory === "") throw new Error("ATOLL_TEST_BUNDLE names no bundle");

let directory = "";
const hosts: QemuMicroVmm[] = [];
let cgroups: MonitorCgroups;
let lastUserId = 2_200_000;
const userIds = { take: () => ++lastUserId, giveBack: () => {} };
const limit = () => AbortSignal.timeout(START_MS_MAX);

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "vmm-"));
  // A hierarchy of the test's own view. Its controllers may belong to the old hierarchies, so it is used without limits.
  const mountPoint = join(directory, "cgroup");
  await mkdir(mountPoint);
  await runCommand("mount", ["-t", "cgroup2", "none", mountPoint], { signal: limit() });
  cgroups = await MonitorCgroups.open({ mountPoint, hostName: HOST_NAME, clock: systemClock, controllers: [] });
});
after(async () => {
  for (const host of hosts) await host.removeAll(limit());
  await runCommand("umount", [join(directory, "cgroup")], { signal: limit() });
  await rm(directory, { recursive: true, force: true });
});

/** A host of its own, and the same one again for a program that was just started. */
async function openHost() {
  const runDirectory = join(directory, `host-${hosts.length}`);
  await mkdir(runDirectory);
  const text = await readFile(join(bundleDirectory, "manifest.json"), "utf8");
  const { files } = bundleManifest.parse(JSON.parse(text));
  const acceleratorMemory = await AcceleratorMemory.open(join(runDirectory, "accelerator.json"));
  const kernelPath = join(bundleDirectory, files.kernel.name);
  const systemDiskPath = join(bundleDirectory, files.podSystemDisk.name);
  const probe = {
    choice: "tcg",
    kernelPath: async () => kernelPath,
    systemDiskPath: async () => systemDiskPath,
    userIds,
  };
  const open = () =>
    QemuMicroVmm.create(
      {
        ...{ directory: join(runDirectory, "microvms"), hostName: HOST_NAME, acceleratorMemory, cgroups },
        probe: { ...probe, choice: "tcg" },
        ...{ clock: systemClock, random: systemRandom, log: silentLogger },
      },
      limit(),
    );
  const spec = (id: string): MicroVmSpec => ({
    ...{ id, kernelPath, systemDiskPath, kernelArguments: ["atoll.personality=pod"] },
    ...{ vcpus: 1, memoryBytes: 134_217_728, disks: [], userId: userIds.take() },
  });
  const vmm = await open();
  hosts.push(vmm);
  return { vmm, spec, open, runDirectory };
}

describeVmm("qemu-microvm", async () => {
  const { vmm, spec, open } = await openHost();
  // As a kill would leave it: the monitors run on, nobody is connected.
  const reopen = async () => {
    vmm[Symbol.dispose]();
    return await open();
  };
  return { vmm, spec, reopen };
});

test("a monitor is in a cgroup of its own, which goes with it", async () => {
  const { vmm, spec } = await openHost();
  const microVm = await vmm.start(spec("grouped"), limit());
  const cgroup = join(directory, "cgroup", `atoll-${HOST_NAME}`, "grouped");
  // The launcher beside the monitor is in it as well.
  const inside = (await readFile(join(cgroup, "cgroup.procs"), "utf8")).trim().split("\n").map(Number);
  assert.equal(inside.includes(microVm.pid ?? 0), true, `${microVm.pid} is not among ${inside}`);
  await microVm.stop();
  await assert.rejects(readFile(join(cgroup, "cgroup.procs")), { code: "ENOENT" });
});

test("what a monitor writes to its log has a bound that it cannot move", async () => {
  const { vmm, spec, runDirectory } = await openHost();
  const microVm = await vmm.start(spec("talks"), limit());
  const fill = `yes complaint >>/proc/${microVm.pid}/fd/2`;
  await assert.rejects(runCommand("sh", ["-c", fill], { signal: limit() }), /No space left/);
  const { size } = await stat(join(runDirectory, "microvms/logs/talks"));
  assert.equal(size <= 8_388_608, true);
  const other = await vmm.start(spec("starts"), limit());
  await other.stop();
  await microVm.stop();
});

test("removing everything takes seconds, also of monitors that stand still and of nobody's", async () => {
  const { vmm, spec, open, runDirectory } = await openHost();
  const microVms = await Promise.all(["one", "two", "three"].map((id) => vmm.start(spec(id), limit())));
  for (const { pid = 0 } of microVms) process.kill(pid, "SIGSTOP");
  vmm[Symbol.dispose]();
  const again = await open();
  const startMs = systemClock.monotonicMs();
  await again.removeAll(limit());
  assert.equal(systemClock.monotonicMs() - startMs < REMOVE_MS_MAX, true);
  const left = `ps -eo stat,args | grep '[a]toll-${HOST_NAME}-' | grep -v '^Z' || true`;
  assert.equal(await runCommand("sh", ["-c", left], { signal: limit() }), "");
  assert.doesNotMatch(await readFile("/proc/self/mountinfo", "utf8"), new RegExp(`${runDirectory}/`));
});
