import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { formatNetwork, parseNetwork } from "./ipv4.ts";
import { nodeCidr } from "./node-cidr.ts";
import { podInterfaces, readPodInterface } from "./pod-interface.ts";

function world() {
  const clock = new VirtualClock();
  const random = seededRandom(5);
  return { clock, api: new MemoryApi({ clock, random }), random };
}

/** Runs the two controllers on the world as a fresh process would. */
function run(
  { clock, api, random }: ReturnType<typeof world>,
  configuration = { clusterCidr: "10.244.0.0/16", hostPrefixLength: 24 },
) {
  const controller = new AbortController();
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const events: string[] = [];
  const eventsFor = () => ({ record: (_object: unknown, { reason }: { reason: string }) => events.push(reason) });
  const runner = new ControllerRunner({ ...parts, informers, eventsFor }, [nodeCidr(configuration), podInterfaces()]);
  const ended = Promise.all([informers.run(controller.signal), runner.run(controller.signal)]);
  const stop = async () => {
    controller.abort();
    await ended;
  };
  return { events, stop };
}

function boundPod(name: string, nodeName: string): Pod {
  return { metadata: { name, namespace: "default" }, spec: { containers: [], nodeName } };
}

async function addresses(api: MemoryApi): Promise<(string | undefined)[]> {
  return (await api.list(Pod)).items.map((pod) => readPodInterface(pod)?.address);
}

test("gives every host its own share, and every pod an address of its host's", async () => {
  const w = world();
  const { stop } = run(w);
  await Promise.all(["a", "b", "c"].map((name) => w.api.create(Node, { metadata: { name }, spec: {} })));
  await w.clock.advance(100);
  const nodes = (await w.api.list(Node)).items;
  const shares = nodes.map(({ spec }) => spec.podCIDR);
  assert.deepEqual(shares.toSorted(), ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"]);
  for (let index = 0; index < 20; index++) await w.api.create(Pod, boundPod(`p${index}`, "b"));
  await w.clock.advance(100);
  const given = await addresses(w.api);
  assert.equal(new Set(given).size, 20);
  const prefix = (await w.api.get(Node, { name: "b" })).spec.podCIDR?.replace("0/24", "") ?? "";
  assert.ok(given.every((address) => address?.startsWith(prefix) && address.endsWith("/24")));
  await stop();
});

test("never gives an address twice while its pod exists, also after a restart", async () => {
  const w = world();
  const first = run(w);
  await w.api.create(Node, { metadata: { name: "a" }, spec: {} });
  for (const name of ["p1", "p2", "p3"]) await w.api.create(Pod, boundPod(name, "a"));
  await w.clock.advance(100);
  await first.stop();
  await w.api.delete(Pod, { name: "p2", namespace: "default" }, { gracePeriodSeconds: 0 });
  const second = run(w);
  for (const name of ["p4", "p5"]) await w.api.create(Pod, boundPod(name, "a"));
  await w.clock.advance(100);
  const given = await addresses(w.api);
  assert.equal(given.filter(Boolean).length, 4);
  assert.equal(new Set(given).size, 4);
  await second.stop();
});

test("waits when a host has no address left and goes on when one is free", async () => {
  const w = world();
  const { events, stop } = run(w, { clusterCidr: "10.0.0.0/28", hostPrefixLength: 29 });
  for (const name of ["a", "b", "c"]) await w.api.create(Node, { metadata: { name }, spec: {} });
  for (let index = 0; index < 6; index++) await w.api.create(Pod, boundPod(`p${index}`, "a"));
  await w.clock.advance(100);
  assert.equal((await addresses(w.api)).filter(Boolean).length, 5);
  assert.ok(events.includes("FailedNetwork") && events.includes("CIDRNotAvailable"));
  const [holder] = (await w.api.list(Pod)).items.filter((pod) => readPodInterface(pod));
  await w.api.delete(Pod, { name: holder?.metadata.name ?? "", namespace: "default" }, { gracePeriodSeconds: 0 });
  await w.clock.advance(11_000);
  assert.equal((await addresses(w.api)).filter(Boolean).length, 5);
  await stop();
});

test("makes the MAC and the gateway from the address", async () => {
  const w = world();
  const { stop } = run(w);
  await w.api.create(Node, { metadata: { name: "a" }, spec: {} });
  await w.api.create(Pod, boundPod("p", "a"));
  await w.clock.advance(100);
  const found = readPodInterface(await w.api.get(Pod, { name: "p", namespace: "default" }));
  assert.deepEqual(found, { mac: "02:00:0a:f4:00:02", address: "10.244.0.2/24", gateway: "10.244.0.1" });
  await stop();
});

test("refuses networks that are none", () => {
  for (const text of ["", "10.0.0.0", "10.0.0.1/24", "10.0.0.0/33", "256.0.0.0/8", "10.0.0.0/8/8", "a.b.c.d/8"]) {
    assert.equal(parseNetwork(text), undefined, text);
  }
  const network = parseNetwork("192.168.0.0/16");
  assert.equal(network && formatNetwork(network), "192.168.0.0/16");
  assert.throws(() => nodeCidr({ clusterCidr: "10.0.0.0/24", hostPrefixLength: 16 }), /hostPrefixLength/);
});
