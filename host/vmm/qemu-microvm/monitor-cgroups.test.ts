import assert from "node:assert/strict";
import { mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { MonitorCgroups } from "./monitor-cgroups.ts";

const options = { hostName: "host-1", clock: new VirtualClock() };

test("says why there are no cgroups, and then makes none", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "cgroups-"));
  const mountPoint = directory.path;
  const old = await MonitorCgroups.open({ ...options, mountPoint });
  assert.equal(old.reason, `MicroVMs have no cgroups: "${mountPoint}" is not the unified hierarchy (cgroup v2)`);
  await writeFile(join(mountPoint, "cgroup.controllers"), "hugetlb pids\n");
  const mixed = await MonitorCgroups.open({ ...options, mountPoint });
  assert.equal(mixed.reason, `MicroVMs have no cgroups: the unified hierarchy at "${mountPoint}" is without memory`);
  assert.equal(await mixed.create("pod", { guestMemoryBytes: 1 }), undefined);
  await mixed.remove("pod");
  await mixed.removeAll();
});

test("limits memory and processes, and turns the controllers on all the way down", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "cgroups-"));
  const mountPoint = directory.path;
  await writeFile(join(mountPoint, "cgroup.controllers"), "cpu memory pids\n");
  const cgroups = await MonitorCgroups.open({ ...options, mountPoint });
  const parent = join(mountPoint, "atoll-host-1");
  for (const place of [mountPoint, parent]) {
    assert.equal(await readFile(join(place, "cgroup.subtree_control"), "utf8"), "+memory +pids");
  }
  assert.equal(await cgroups.create("pod", { guestMemoryBytes: 134_217_728 }), join(parent, "pod", "cgroup.procs"));
  assert.equal(await readFile(join(parent, "pod", "memory.max"), "utf8"), "402653184");
  assert.equal(await readFile(join(parent, "pod", "pids.max"), "utf8"), "264");
});

test("removing takes an empty one at once, none for done, and does not wait for ever", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "cgroups-"));
  const clock = new VirtualClock();
  await writeFile(join(directory.path, "cgroup.controllers"), "");
  const cgroups = await MonitorCgroups.open({ mountPoint: directory.path, hostName: "host-1", clock, controllers: [] });
  await cgroups.create("pod", { guestMemoryBytes: 1 });
  await cgroups.remove("pod");
  await cgroups.remove("pod");
  await cgroups.create("other", { guestMemoryBytes: 1 });
  await mkdir(join(directory.path, "atoll-host-1", "third"));
  await cgroups.removeAll();
});
