// The service by which pods find the API, of servers that share a store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { MemoryStore } from "../../store/memory/memory-store.ts";
import type { Store } from "../../store/store.ts";
import { TestServer } from "../test-server.ts";

function start(store: Store, address: string, seed: number): Promise<TestServer> {
  return TestServer.start(store, { seed, services: { advertised: { address, port: 6443 }, sharesStore: true } });
}

async function shownBy(server: TestServer): Promise<readonly unknown[]> {
  const { body: endpoints } = await server.call("GET", "/api/v1/namespaces/default/endpoints/kubernetes");
  const path = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";
  const { body: slice } = await server.call("GET", path);
  return [
    endpoints.subsets[0].addresses.map(({ ip }: { ip: string }) => ip),
    slice.endpoints.flatMap(({ addresses }: { addresses: string[] }) => addresses),
  ];
}

test("the service kubernetes names all servers of a store, until one leaves", async () => {
  await using store = new MemoryStore(systemClock);
  await using first = await start(store, "192.0.2.1", 1);
  {
    await using second = await start(store, "192.0.2.2", 2);
    const both = ["192.0.2.1", "192.0.2.2"];
    assert.deepEqual(await shownBy(first), [both, both]);
    await second.api.announceShutdown();
  }
  assert.deepEqual(await shownBy(first), [["192.0.2.1"], ["192.0.2.1"]]);
  await first.api.announceShutdown();
  assert.deepEqual(await shownBy(first), [["192.0.2.1"], ["192.0.2.1"]], "nobody is left, and nobody was named");
});

test("a server that went away without a word is no longer named after a while", async () => {
  await using store = new MemoryStore(systemClock);
  // The key that such a server leaves behind ends with its lease; here it has ended.
  await using first = await start(store, "192.0.2.1", 1);
  await using _second = await start(store, "192.0.2.2", 2);
  const [item] = (await store.range({ start: "/registry/masterleases/192.0.2.1" })).items;
  assert.ok(item?.lease);
  await store.revokeLease(item.lease);
  await using third = await start(store, "192.0.2.3", 3);
  const rest = ["192.0.2.2", "192.0.2.3"];
  assert.deepEqual(await shownBy(third), [rest, rest]);
  assert.deepEqual(await shownBy(first), [rest, rest]);
});
