// Endpoints and EndpointSlices from services and pods, and from Endpoints that somebody wrote.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Service } from "@atoll/api/core/service/kind";
import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import { endpointSlice } from "./endpoint-slice.ts";
import { endpointSliceMirroring } from "./endpoint-slice-mirroring.ts";
import { endpoints } from "./endpoints.ts";
import { startWorld } from "./test-world.ts";

const namespace = "default";
const name = { name: "web", namespace };

function start(t: Parameters<typeof startWorld>[0]) {
  const world = startWorld(t, [endpoints(), endpointSlice(), endpointSliceMirroring]);
  const { api, clock } = world;
  const slices = async () => (await api.list(EndpointSlice, { namespace })).items;
  const settle = () => clock.advance(2000);
  return { ...world, slices, settle, getEndpoints: () => api.get(Endpoints, name) };
}

function service(spec: Partial<Service["spec"]> = {}): Service {
  return {
    metadata: { ...name, labels: { tier: "front" } },
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.0.9",
      clusterIPs: ["10.96.0.9"],
      ipFamilies: ["IPv4"],
      selector: { app: "web" },
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }],
      ...spec,
    },
  };
}

function pod(
  index: number,
  options: { ready?: boolean; ips?: readonly string[]; spec?: Partial<Pod["spec"]> } = {},
): Pod {
  const { ready = true, ips = [`10.244.${Math.floor(index / 250)}.${(index % 250) + 1}`], spec } = options;
  return {
    metadata: { name: `web-${index}`, namespace, labels: { app: "web" } },
    spec: { nodeName: "host-a", containers: [], ...spec },
    status: {
      phase: "Running",
      podIP: ips[0] ?? "",
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  };
}

const host: Node = { metadata: { name: "host-a", labels: { "topology.kubernetes.io/zone": "z1" } }, spec: {} };

test("shows ready pods and those that are not, with host, zone and conditions, and writes nothing more", async (t) => {
  const { api, slices, settle, getEndpoints } = start(t);
  await api.create(Node, host);
  await api.create(Service, service());
  const created = await api.create(Pod, pod(1));
  await api.create(Pod, pod(2, { ready: false }));
  await settle();
  const { metadata, subsets } = await getEndpoints();
  assert.deepEqual(metadata.labels, { tier: "front", "endpoints.kubernetes.io/managed-by": "endpoint-controller" });
  assert.equal(subsets?.length, 1);
  assert.deepEqual(subsets?.[0]?.ports, [{ name: "http", port: 8080, protocol: "TCP" }]);
  assert.deepEqual(
    subsets?.[0]?.addresses?.map(({ ip }) => ip),
    ["10.244.0.2"],
  );
  assert.deepEqual(
    subsets?.[0]?.notReadyAddresses?.map(({ ip }) => ip),
    ["10.244.0.3"],
  );
  const [slice, ...others] = await slices();
  assert.equal(others.length, 0);
  assert.deepEqual(slice?.metadata.labels, {
    tier: "front",
    "kubernetes.io/service-name": "web",
    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
  });
  assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, "Service");
  const [first, second] = slice?.endpoints ?? [];
  assert.deepEqual(first, {
    addresses: ["10.244.0.2"],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: "Pod", namespace, name: "web-1", uid: created.metadata.uid },
    nodeName: "host-a",
    zone: "z1",
  });
  assert.deepEqual(second?.conditions, { ready: false, serving: false, terminating: false });
  const before = api.writes.length;
  await api.patch(
    Pod,
    { name: "web-1", namespace },
    { type: "merge", body: { metadata: { annotations: { a: "1" } } } },
  );
  await settle();
  assert.deepEqual(api.writes.slice(before), ["update pods default/web-1"]);
});

test("follows labels that move a pod away, and the end of the service", async (t) => {
  const { api, slices, settle, getEndpoints } = start(t);
  await api.create(Node, host);
  await api.create(Service, service());
  await api.create(Pod, pod(1));
  await settle();
  await api.patch(Pod, { name: "web-1", namespace }, { type: "merge", body: { metadata: { labels: { app: "db" } } } });
  await settle();
  assert.deepEqual((await getEndpoints()).subsets ?? [], []);
  assert.deepEqual(
    (await slices()).map((slice) => slice.endpoints),
    [[]],
  );
  await api.delete(Service, name);
  await settle();
  await assert.rejects(getEndpoints());
});

test("leaves Endpoints of no service, and those of services without a selector, to their authors", async (t) => {
  const { api, settle, getEndpoints, slices } = start(t);
  const subsets = [{ addresses: [{ ip: "192.0.2.1" }], ports: [{ port: 80 }] }];
  await api.create(Endpoints, { metadata: name, subsets });
  await settle();
  assert.deepEqual((await getEndpoints()).subsets, subsets);
  assert.equal((await slices()).length, 0);
});

test("spreads pods over slices of a hundred, and changes one slice for one pod", async (t) => {
  const { api, slices, settle, getEndpoints } = start(t);
  await api.create(Node, host);
  for (let i = 0; i < 1250; i++) await api.create(Pod, pod(i));
  await api.create(Service, service());
  await settle();
  const sizes = async () => (await slices()).map((slice) => slice.endpoints?.length ?? 0).sort((a, b) => b - a);
  assert.deepEqual(await sizes(), [...new Array<number>(12).fill(100), 50]);
  const held = await getEndpoints();
  assert.equal(held.subsets?.[0]?.addresses?.length, 1000);
  assert.equal(held.metadata.annotations?.["endpoints.kubernetes.io/over-capacity"], "truncated");
  const before = api.writes.length;
  await api.create(Pod, pod(1250));
  await settle();
  assert.equal(api.writes.slice(before).filter((write) => write.includes("endpointslices")).length, 1);
  assert.equal((await sizes()).length, 13);
});

test("gives each family slices of its own, and pods of other port names too", async (t) => {
  const { api, slices, settle } = start(t);
  await api.create(Node, host);
  await api.create(Pod, pod(1, { ips: ["10.244.0.2", "2001:db8::2"] }));
  const ports = [{ name: "api", containerPort: 9000 }];
  await api.create(Pod, pod(2, { spec: { containers: [{ name: "c", ports }] } }));
  const named = [{ name: "http", port: 80, protocol: "TCP", targetPort: "api" }];
  await api.create(Service, service({ ipFamilies: ["IPv4", "IPv6"], ports: named }));
  await settle();
  const seen = (await slices()).map(({ addressType, endpoints: list, ports: open }) => [
    addressType,
    list?.map(({ addresses }) => addresses[0]),
    open?.map(({ port }) => port),
  ]);
  assert.deepEqual(seen.sort(), [
    ["IPv4", ["10.244.0.2"], []],
    ["IPv4", ["10.244.0.3"], [9000]],
    ["IPv6", ["2001:db8::2"], []],
  ]);
});

test("publishes pods that are not ready, and names them below a headless service, where it is asked for", async (t) => {
  const { api, slices, settle, getEndpoints } = start(t);
  await api.create(Node, host);
  await api.create(Pod, pod(1, { ready: false, spec: { hostname: "one", subdomain: "web" } }));
  await api.create(Service, service({ clusterIP: "None", clusterIPs: ["None"], publishNotReadyAddresses: true }));
  await settle();
  const [slice] = await slices();
  assert.equal(slice?.metadata.labels?.["service.kubernetes.io/headless"], "");
  assert.deepEqual(slice?.endpoints?.[0]?.conditions, { ready: true, serving: false, terminating: false });
  assert.equal(slice?.endpoints?.[0]?.hostname, "one");
  assert.equal((await getEndpoints()).subsets?.[0]?.addresses?.[0]?.hostname, "one");
});

test("hints at zones and hosts where traffic shall stay near, and takes the hints back", async (t) => {
  const { api, slices, settle } = start(t);
  await api.create(Node, host);
  await api.create(Pod, pod(1));
  const near = await api.create(Service, service({ trafficDistribution: "PreferSameNode" }));
  await settle();
  const hints = async () => (await slices())[0]?.endpoints?.[0]?.hints;
  assert.deepEqual(await hints(), { forZones: [{ name: "z1" }], forNodes: [{ name: "host-a" }] });
  await api.update(Service, { ...near, spec: { ...near.spec, trafficDistribution: "PreferSameZone" } });
  await settle();
  assert.deepEqual(await hints(), { forZones: [{ name: "z1" }] });
  const { trafficDistribution: _none, ...spec } = near.spec;
  await api.update(Service, { ...(await api.get(Service, name)), spec });
  await settle();
  assert.equal(await hints(), undefined);
});

test("mirrors Endpoints that somebody wrote, with their labels, and takes the mirror away with them", async (t) => {
  const { api, slices, settle } = start(t);
  const { selector: _selector, ...spec } = service().spec;
  await api.create(Service, { metadata: name, spec });
  const labels = { by: "hand" };
  await api.create(Endpoints, {
    metadata: { ...name, labels, annotations: { note: "x" } },
    subsets: [
      { addresses: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] },
    ],
  });
  await settle();
  const mirrored = await slices();
  assert.deepEqual(mirrored.map(({ addressType }) => addressType).sort(), ["IPv4", "IPv6"]);
  assert.deepEqual(mirrored[0]?.metadata.labels, {
    by: "hand",
    "kubernetes.io/service-name": "web",
    "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
  });
  assert.deepEqual(mirrored[0]?.metadata.annotations, { note: "x" });
  const before = api.writes.length;
  const held = await api.get(Endpoints, name);
  const moved = [{ addresses: [{ ip: "192.0.2.9" }], ports: [{ name: "http", port: 80, protocol: "TCP" }] }];
  await api.update(Endpoints, { ...held, subsets: moved });
  await settle();
  assert.deepEqual(
    (await slices()).map((slice) => slice.endpoints?.[0]?.addresses),
    [["192.0.2.9"]],
  );
  assert.equal(api.writes.slice(before).length, 3);
  await api.delete(Endpoints, name);
  await settle();
  assert.deepEqual(await slices(), []);
});
