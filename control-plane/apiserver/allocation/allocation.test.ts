// The pools under many writers at once: whatever the order, nothing is given twice and nothing is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, seededRandom } from "@atoll/base/random";
import { type Json, TestServer } from "../test-server.ts";
import { AddressRange } from "./address-range.ts";
import { NodePorts } from "./node-ports.ts";
import { reservedOf } from "./number-bands.ts";

const SERVICES = "/api/v1/namespaces/default/services";
const SEED = Number(process.env.ATOLL_TEST_SEED ?? 20_261_125);
/** One of thirteen: addresses of a /28 but for the server's own. */
const NAMES = 16;
const WORKERS = 8;
const STEPS = 25;
const NODE_PORTS = { first: 30_000, last: 30_019 };
const ALLOWED = new Set([200, 201, 404, 409, 422, 500]);

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random.float() * list.length)] as T; // the lists here are not empty
}

function randomService(random: Random): Json {
  const type = pick(random, ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]);
  const port = {
    port: 80,
    ...(random.float() < 0.2 && type !== "ClusterIP" ? { nodePort: 30_001 + Math.floor(random.float() * 8) } : {}),
  };
  const address = `10.96.0.${1 + Math.floor(random.float() * 14)}`;
  return {
    metadata: { name: `s${Math.floor(random.float() * NAMES)}` },
    spec: {
      type,
      ...(type === "ExternalName" ? { externalName: "example.org" } : { ports: [port] }),
      ...(type === "LoadBalancer" && random.float() < 0.5 ? { externalTrafficPolicy: "Local" } : {}),
      ...(type !== "ExternalName" && random.float() < 0.3 ? { clusterIP: address } : {}),
    },
  };
}

async function work(server: TestServer, random: Random): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const service = randomService(random);
    const path = `${SERVICES}/${service.metadata.name}`;
    const { status, body } = await pick(random, [
      () => server.call("POST", SERVICES, { body: service }),
      () => server.call("PUT", path, { body: service }),
      () => server.call("DELETE", path),
    ])();
    assert.ok(ALLOWED.has(status), `${status} ${JSON.stringify(body)}`);
    if (status === 500) assert.match(body.message, /range is full|Others were quicker/);
  }
}

async function portsRecorded(server: TestServer): Promise<number[]> {
  const { items } = await server.store.range({ start: "/registry/ranges/servicenodeports" });
  const { data = "" } = JSON.parse(Buffer.from(items[0]?.value ?? "{}").toString());
  const bits = BigInt(`0x${Buffer.from(data, "base64").toString("hex") || "0"}`);
  return Array.from({ length: 20 }, (_, i) => i)
    .filter((i) => (bits & (1n << BigInt(i))) !== 0n)
    .map((i) => 30_000 + i);
}

test(`two servers and eight writers each on thirteen addresses agree in the end (ATOLL_TEST_SEED=${SEED})`, async () => {
  const services = { cidrs: ["10.96.0.0/28"], nodePorts: NODE_PORTS };
  await using first = await TestServer.start(undefined, { services, seed: SEED });
  await using second = await TestServer.start(first.store, { services, seed: SEED + 1 });
  const servers = [first, second];
  await Promise.all(
    servers.flatMap((server, s) =>
      Array.from({ length: WORKERS }, (_, w) => work(server, seededRandom(SEED + s * WORKERS + w + 2))),
    ),
  );
  const items: Json[] = (await second.call("GET", SERVICES)).body.items;
  const addresses = items.flatMap(({ spec }) => spec.clusterIPs ?? []).sort();
  assert.equal(new Set(addresses).size, addresses.length, `an address twice: ${addresses}`);
  const records: Json[] = (await second.call("GET", "/apis/networking.k8s.io/v1/ipaddresses")).body.items;
  assert.deepEqual(records.map(({ metadata }) => metadata.name).sort(), addresses);
  for (const { metadata, spec } of records) {
    const owner = items.find((service) => service.metadata.name === spec.parentRef.name);
    assert.ok(owner?.spec.clusterIPs.includes(metadata.name), `${metadata.name} is ${spec.parentRef.name}'s`);
  }
  const ports = items.flatMap(({ spec }) => [
    ...new Set((spec.ports ?? []).flatMap((port: Json) => port.nodePort ?? [])),
    ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : []),
  ]);
  assert.equal(new Set(ports).size, ports.length, `a port twice: ${ports}`);
  assert.deepEqual(await portsRecorded(second), [...ports].sort());
  assert.ok(addresses.length > 3, "nothing happened");
});

test("gives addresses of both families where the cluster has both, and takes the second back with the policy", async () => {
  const services = { cidrs: ["10.96.0.0/24", "fd00:10::/112"] };
  await using server = await TestServer.start(undefined, { services });
  const spec = { ports: [{ port: 80 }], selector: { a: "b" }, ipFamilyPolicy: "PreferDualStack" };
  const dual = (await server.call("POST", SERVICES, { body: { metadata: { name: "dual" }, spec } })).body;
  assert.deepEqual(dual.spec.ipFamilies, ["IPv4", "IPv6"]);
  assert.match(dual.spec.clusterIPs[1], /^fd00:10::/);
  const refused = { ...dual, spec: { ...dual.spec, clusterIPs: [dual.spec.clusterIP] } };
  const { body } = await server.call("PUT", `${SERVICES}/dual`, { body: refused });
  assert.match(body.message, /must be 'SingleStack' to release the secondary cluster IP/);
  const single = { ...dual, spec: { ...dual.spec, ipFamilyPolicy: "SingleStack" } };
  const reduced = (await server.call("PUT", `${SERVICES}/dual`, { body: single })).body;
  assert.deepEqual([reduced.spec.ipFamilies, reduced.spec.clusterIPs], [["IPv4"], [dual.spec.clusterIP]]);
  const names = (await server.call("GET", "/apis/networking.k8s.io/v1/ipaddresses")).body.items.map(
    ({ metadata }: Json) => metadata.name,
  );
  assert.deepEqual(names.sort(), ["10.96.0.1", dual.spec.clusterIP].sort());
  const raised = { ...reduced, spec: { ...reduced.spec, ipFamilyPolicy: "RequireDualStack" } };
  const again = (await server.call("PUT", `${SERVICES}/dual`, { body: raised })).body;
  assert.deepEqual(again.spec.ipFamilies, ["IPv4", "IPv6"]);
  assert.equal(again.spec.clusterIPs[0], dual.spec.clusterIP);
});

test("refuses a second family where the cluster has one", async () => {
  await using server = await TestServer.start();
  const spec = { ports: [{ port: 80 }], ipFamilyPolicy: "RequireDualStack" };
  const { body } = await server.call("POST", SERVICES, { body: { metadata: { name: "dual" }, spec } });
  assert.match(body.message, /this cluster is not configured for dual-stack services/);
});

test("takes addresses of a block that was added, and none of one on its way out", async () => {
  await using server = await TestServer.start();
  const blocks = "/apis/networking.k8s.io/v1/servicecidrs";
  const metadata = { name: "more", finalizers: ["example.org/hold"] };
  await server.call("POST", blocks, { body: { metadata, spec: { cidrs: ["10.97.0.0/24"] } } });
  const ask = (name: string, clusterIP: string) =>
    server.call("POST", SERVICES, { body: { metadata: { name }, spec: { ports: [{ port: 80 }], clusterIP } } });
  assert.equal((await ask("a", "10.97.0.9")).status, 201);
  await server.call("DELETE", `${blocks}/more`);
  assert.equal((await ask("b", "10.97.0.10")).status, 422);
});

test("gives every address of a range once, the reserved lower part last", () => {
  const range = new AddressRange("192.0.2.0/24");
  const order = [...range.searchOrder(seededRandom(3))];
  assert.equal(new Set(order).size, 254);
  const reserved = new Set(Array.from({ length: 16 }, (_, i) => `192.0.2.${i + 1}`));
  assert.ok(order.slice(-16).every((address) => reserved.has(address)));
  assert.deepEqual([...new AddressRange("192.0.2.0/31").searchOrder(seededRandom(3))], []);
  assert.equal([...new AddressRange("2001:db8::/124").searchOrder(seededRandom(3))].length, 15);
  assert.equal(new AddressRange("2001:db8::/64").firstAddress, "2001:db8::1");
  assert.equal(new AddressRange("2001:db8::/48").has("2001:db8::1"), false);
});

test("keeps as many numbers apart as upstream does", () => {
  const addresses = { least: 16, most: 256, oneIn: 16 };
  const sizes = [16n, 256n, 1024n, 65_536n];
  assert.deepEqual(
    sizes.map((size) => reservedOf(size, addresses)),
    [0n, 16n, 64n, 256n],
  );
  assert.equal(reservedOf(2768n, { least: 16, most: 128, oneIn: 32 }), 86n);
});

test("mends a record of ports that says less or more than the services do", async () => {
  await using server = await TestServer.start();
  const spec = { type: "NodePort", ports: [{ port: 80, nodePort: 30_007 }] };
  await server.call("POST", SERVICES, { body: { metadata: { name: "a" }, spec } });
  const key = "/registry/ranges/servicenodeports";
  await server.store.transact({ compares: [], writes: [{ type: "delete", key }] });
  await using next = await TestServer.start(server.store, { seed: 2 });
  const body = { metadata: { name: "b" }, spec };
  assert.match((await next.call("POST", SERVICES, { body })).body.message, /already allocated/);
});

test("reads the record of another range by the ports that it means", async () => {
  await using server = await TestServer.start();
  const span = { first: 30_000, last: 30_063 };
  const ports = new NodePorts({ store: server.store, span, random: seededRandom(1) });
  await ports.repair(async () => [30_010]);
  const wider = new NodePorts({ store: server.store, span: { first: 29_990, last: 30_100 }, random: seededRandom(1) });
  const transaction = await wider.open();
  assert.throws(() => transaction.take(30_010), /already allocated/);
  transaction.take(30_009);
});
