import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { CrxSpec } from "@atoll/api/hostd/hostd";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { FakeVmm } from "../vmm/fake/fake-vmm.ts";
import { CrxManager } from "./crx-manager.ts";
import { CrxRecords } from "./crx-record.ts";
import { UserIds } from "./user-ids.ts";

const never = new AbortController().signal;
const digest = `sha256:${"a".repeat(64)}`;
const spec: CrxSpec = {
  ...{
    displayName: "default/web",
    vcpus: 1,
    memoryBytes: 134_217_728,
    imageDigests: [digest],
    ephemeralBytes: 67_108_864,
  },
  network: { mac: "02:00:00:00:00:01", address: "10.1.0.5/24", gateway: "10.1.0.1" },
};

/** What stands on the host: what is made is in the set, what is removed is not. */
class Things {
  readonly all = new Set<string>();
  failAt = "";
  readonly disks = {
    findImage: async (wanted: string) => (wanted === digest ? { path: "/image" } : undefined),
    createEphemeral: async (id: string) => this.#make(`disk ${id}`),
    removeEphemeral: async (id: string) => void this.all.delete(`disk ${id}`),
  };
  readonly network = {
    checkAddress: () => {},
    createTap: async (id: string) => ({ tap: this.#make(`tap ${id}`), networkNamespace: "ns" }),
    plugTap: async (id: string) => void this.#make(`plug ${id}`),
    keepTap: async () => {},
    removeTap: async (id: string) => {
      this.all.delete(`tap ${id}`);
      this.all.delete(`plug ${id}`);
    },
  };
  readonly files = { verifiedPath: async (file: string) => `/${file}` };

  #make(thing: string): string {
    if (this.failAt !== "" && thing.startsWith(this.failAt)) throw new Error(`No ${thing}`);
    this.all.add(thing);
    return thing;
  }
}

async function openHost() {
  const directory = await mkdtemp(join(tmpdir(), "crx-"));
  const clock = new VirtualClock();
  const [things, vmm] = [new Things(), new FakeVmm({ clock })];
  const open = async () => {
    const records = await CrxRecords.open(join(directory, "crx"));
    const { disks, network, files } = things;
    const parts = { vmm, disks, network, files, records, userIds: new UserIds(2_000_000), clock, log: silentLogger };
    return { manager: await CrxManager.open(parts, await vmm.findAll()), records };
  };
  // A manager that stands for a killed program still hears of its microVMs' ends, and writes them down while this removes.
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 10 });
  return { things, vmm, open, [Symbol.asyncDispose]: remove };
}

test("a CRX is made once, found by the same words, and leaves nothing", async () => {
  await using host = await openHost();
  const { manager } = await host.open();
  const made = await manager.ensure("pod", spec, never);
  assert.equal(made.state, "running");
  assert.deepEqual(made.imageSerials, { [digest]: "img-aaaaaaaaaaaaaaaa" });
  assert.deepEqual(await manager.ensure("pod", structuredClone(spec), never), made);
  await assert.rejects(manager.ensure("pod", { ...spec, vcpus: 2 }, never), { code: "Conflict" });
  await manager.remove("pod");
  await manager.remove("pod");
  assert.deepEqual([...host.things.all], []);
  assert.deepEqual(await host.vmm.findAll(), []);
});

for (const failAt of ["disk", "tap", "plug"]) {
  test(`a CRX whose ${failAt} fails is removed whole, and can be asked for again`, async () => {
    await using host = await openHost();
    const { manager, records } = await host.open();
    host.things.failAt = failAt;
    await assert.rejects(manager.ensure("pod", spec, never), /No /);
    assert.deepEqual([[...host.things.all], await host.vmm.findAll(), await records.readAll()], [[], [], []]);
    host.things.failAt = "";
    assert.equal((await manager.ensure("pod", spec, never)).state, "running");
  });
}

test("an image that is not there is told before anything is made", async () => {
  await using host = await openHost();
  const { manager } = await host.open();
  const missing = { ...spec, imageDigests: [`sha256:${"b".repeat(64)}`] };
  await assert.rejects(manager.ensure("pod", missing, never), { code: "ImageMissing" });
  assert.deepEqual(manager.list(), []);
});

test("a new start finds what runs, says what ended meanwhile, and removes what was half made", async () => {
  await using host = await openHost();
  const first = await host.open();
  await first.manager.ensure("runs", spec, never);
  await first.manager.ensure("ended", spec, never);
  await first.manager.ensure("half", spec, never);
  const records = await first.records.readAll();
  const half = records.find(({ id }) => id === "half");
  assert(half);
  await first.records.write({ ...half, state: "starting" });
  const ended = (await host.vmm.findAll()).find((microVm) => microVm.spec.id === "ended");
  await ended?.stop();
  // Its own watcher writes "stopped" as well, which is waited for; a killed program would not have.
  const stateOnDisk = async () => (await first.records.readAll()).find(({ id }) => id === "ended")?.state;
  while ((await stateOnDisk()) !== "stopped") await new Promise((resolve) => setImmediate(resolve));
  await first.records.write({ ...half, id: "ended", state: "running" });

  const { manager } = await host.open();
  assert.deepEqual(
    manager
      .list()
      .map(({ id, state }) => `${id} ${state}`)
      .sort(),
    ["ended stopped", "runs running"],
  );
  assert.deepEqual(
    (await host.vmm.findAll()).map((microVm) => microVm.spec.id),
    ["runs"],
  );
  assert.equal(host.things.all.has("disk half"), false);
});

test("a microVM that ends leaves a stopped CRX with its reason", async () => {
  await using host = await openHost();
  const { manager } = await host.open();
  await manager.ensure("pod", spec, never);
  const [microVm] = await host.vmm.findAll();
  microVm?.crash({ cause: "guest", message: "Guest ended: panic" });
  while (manager.get("pod").state === "running") await new Promise((resolve) => setImmediate(resolve));
  assert.equal(manager.get("pod").message, "Guest ended: panic");
  await assert.rejects(manager.connectAgent("pod", never), { code: "NotRunning" });
});
