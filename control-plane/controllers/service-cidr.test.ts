// Blocks of service addresses, and the records of what is given of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Service } from "@atoll/api/core/service/kind";
import { IPAddress } from "@atoll/api/networking/ip-address/kind";
import { ServiceCIDR } from "@atoll/api/networking/service-cidr/kind";
import { ipAddressCleanup } from "./ip-address-cleanup.ts";
import { recordOf } from "./service-address-record.ts";
import { serviceAddress } from "./service-address.ts";
import { serviceCidr } from "./service-cidr.ts";
import { startWorld } from "./test-world.ts";

const FINALIZER = "networking.k8s.io/service-cidr-finalizer";

function start(t: Parameters<typeof startWorld>[0]) {
  const world = startWorld(t, [serviceCidr, serviceAddress, ipAddressCleanup]);
  const { api } = world;
  const addresses = async () => (await api.list(IPAddress)).items.map(({ metadata }) => metadata.name).sort();
  const block = (name: string) => api.get(ServiceCIDR, { name });
  return { ...world, addresses, block };
}

function blockOf(name: string, ...cidrs: string[]): ServiceCIDR {
  return { metadata: { name }, spec: { cidrs } };
}

function service(name: string, clusterIP: string): Service {
  return { metadata: { name, namespace: "default" }, spec: { type: "ClusterIP", clusterIP, clusterIPs: [clusterIP] } };
}

test("holds a block and says that it is in use, once", async (t) => {
  const { api, clock, block } = start(t);
  await api.create(ServiceCIDR, blockOf("a", "10.96.0.0/24"));
  await clock.advance(5000);
  const { metadata, status } = await block("a");
  assert.deepEqual(metadata.finalizers, [FINALIZER]);
  assert.equal(status?.conditions?.[0]?.status, "True");
  const before = api.writes.length;
  await clock.advance(600_000);
  assert.equal(api.writes.length, before);
});

test("lets a block go ten seconds after nobody has an address of it alone", async (t) => {
  const { api, clock, block } = start(t);
  await api.create(ServiceCIDR, blockOf("a", "10.96.0.0/24"));
  const web = await api.create(Service, service("web", "10.96.0.9"));
  await api.create(IPAddress, recordOf("10.96.0.9", web));
  await clock.advance(5000);
  await api.delete(ServiceCIDR, { name: "a" });
  await clock.advance(20_000);
  const condition = (await block("a")).status?.conditions?.[0];
  assert.deepEqual([condition?.status, condition?.reason], ["False", "Terminating"]);
  // A larger block takes the addresses over.
  await api.create(ServiceCIDR, blockOf("b", "10.96.0.0/16"));
  await clock.advance(1000);
  await assert.rejects(block("a"));
});

test("records an address that nobody recorded, and says so", async (t) => {
  const { api, clock, events, addresses } = start(t);
  await api.create(ServiceCIDR, blockOf("a", "10.96.0.0/24"));
  await api.create(Service, service("web", "10.96.0.9"));
  await api.create(Service, service("lost", "192.0.2.1"));
  await clock.advance(10_000);
  assert.deepEqual(await addresses(), ["10.96.0.9"]);
  assert.ok(events.some((event) => event.startsWith("Warning ClusterIPNotAllocated web")));
  assert.ok(events.some((event) => event.startsWith("Warning ClusterIPOutOfRange lost")));
});

test("tells the second of two services with one address, and gives a record back to its service", async (t) => {
  const { api, clock, events } = start(t);
  await api.create(ServiceCIDR, blockOf("a", "10.96.0.0/24"));
  const first = await api.create(Service, service("first", "10.96.0.9"));
  await api.create(IPAddress, recordOf("10.96.0.9", first));
  await api.create(Service, service("second", "10.96.0.9"));
  await api.create(Service, service("third", "10.96.0.7"));
  await api.create(IPAddress, recordOf("10.96.0.7", service("nobody", "10.96.0.7")));
  await clock.advance(10_000);
  assert.ok(events.some((event) => event.startsWith("Warning ClusterIPAlreadyAllocated second")));
  const record = await api.get(IPAddress, { name: "10.96.0.7" });
  assert.equal(record.spec.parentRef.name, "third");
});

test("takes a record away a minute after no service stands behind it, and none of somebody else's", async (t) => {
  const { api, clock, addresses } = start(t);
  await api.create(IPAddress, recordOf("10.96.0.9", service("gone", "10.96.0.9")));
  const parentRef = { group: "example.org", resource: "gateways", name: "g" };
  await api.create(IPAddress, { metadata: { name: "10.96.0.8" }, spec: { parentRef } });
  await clock.advance(50_000);
  assert.equal((await addresses()).length, 2);
  await clock.advance(11_000);
  assert.deepEqual(await addresses(), ["10.96.0.8"]);
});
