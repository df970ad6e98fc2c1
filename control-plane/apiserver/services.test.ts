// What services are given and give back, through the server's front door.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, TestServer } from "./test-server.ts";

const SERVICES = "/api/v1/namespaces/default/services";
const ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses";

function serviceOf(name: string, spec: Json = {}): Json {
  return { metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } };
}

async function namesOf(server: TestServer, path: string): Promise<string[]> {
  const { body } = await server.call("GET", path);
  return body.items.map(({ metadata }: Json) => metadata.name);
}

test("has its block of addresses, its service and that service's endpoints from the start", async () => {
  await using server = await TestServer.start();
  const service = (await server.call("GET", `${SERVICES}/kubernetes`)).body;
  assert.equal(service.spec.clusterIP, "10.96.0.1");
  assert.deepEqual(service.spec.ports, [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }]);
  assert.deepEqual(service.metadata.labels, { provider: "kubernetes", component: "apiserver" });
  const endpoints = (await server.call("GET", "/api/v1/namespaces/default/endpoints/kubernetes")).body;
  assert.deepEqual(endpoints.subsets, [
    { addresses: [{ ip: "192.0.2.1" }], ports: [{ name: "https", port: 6443, protocol: "TCP" }] },
  ]);
  const slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
  const slice = (await server.call("GET", `${slices}/kubernetes`)).body;
  assert.equal(slice.metadata.labels["kubernetes.io/service-name"], "kubernetes");
  const block = (await server.call("GET", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes")).body;
  assert.deepEqual(block.spec.cidrs, ["10.96.0.0/16"]);
  assert.equal(block.status.conditions[0].status, "True");
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
});

test("gives a service one address, records whose it is, and takes it back when the service goes", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.call("POST", SERVICES, { body: serviceOf("a") });
  assert.equal(status, 201);
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = body.spec;
  assert.match(clusterIP, /^10\.96\./);
  assert.deepEqual(
    { clusterIPs, ipFamilies, ipFamilyPolicy },
    {
      clusterIPs: [clusterIP],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    },
  );
  const record = (await server.call("GET", `${ADDRESSES}/${clusterIP}`)).body;
  assert.deepEqual(record.spec.parentRef, { resource: "services", namespace: "default", name: "a" });
  assert.deepEqual(record.metadata.labels, {
    "ipaddress.kubernetes.io/ip-family": "IPv4",
    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
  });
  assert.equal((await server.call("DELETE", `${SERVICES}/a`)).status, 200);
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
});

test("refuses an address that is taken, reserved or of no block, and takes nothing for a service it refuses", async () => {
  await using server = await TestServer.start();
  const refusalOf = async (clusterIP: string) => {
    const { status, body } = await server.call("POST", SERVICES, { body: serviceOf("a", { clusterIP }) });
    assert.equal(status, 422);
    return body.details.causes.map(({ field, message }: Json) => `${field}: ${message}`).join();
  };
  const prefix = (ip: string) => `spec.clusterIPs: Invalid value: ["${ip}"]: failed to allocate IP ${ip}: `;
  assert.equal(await refusalOf("10.96.0.1"), `${prefix("10.96.0.1")}provided IP is already allocated`);
  assert.equal(
    await refusalOf("10.96.255.255"),
    `${prefix("10.96.255.255")}the provided IP (10.96.255.255) is not in the valid range. The range of valid IPs is 10.96.0.0/16`,
  );
  assert.equal(
    await refusalOf("10.97.0.1"),
    `${prefix("10.97.0.1")}the provided network does not match the current range`,
  );
  const wrong = serviceOf("a", { clusterIP: "10.96.7.7", sessionAffinity: "Sometimes" });
  assert.equal((await server.call("POST", SERVICES, { body: wrong })).status, 422);
  assert.equal((await server.call("POST", `${SERVICES}?dryRun=All`, { body: serviceOf("b") })).status, 201);
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
  assert.equal((await server.call("POST", SERVICES, { body: serviceOf("a", { clusterIP: "10.96.7.7" }) })).status, 201);
  assert.equal((await server.call("POST", SERVICES, { body: serviceOf("a") })).body.reason, "AlreadyExists");
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1", "10.96.7.7"]);
});

test("makes a service through its status, as upstream does, and gives it nothing", async () => {
  await using server = await TestServer.start();
  const { status, body } = await server.call("PUT", `${SERVICES}/a/status`, { body: serviceOf("a") });
  assert.equal(status, 201);
  assert.equal(body.spec.clusterIP, undefined);
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
});

test("gives the address back with the type ExternalName, and another with the way back", async () => {
  await using server = await TestServer.start();
  const created = (await server.call("POST", SERVICES, { body: serviceOf("a") })).body;
  const external = { ...created, spec: { ...created.spec, type: "ExternalName", externalName: "example.org" } };
  const changed = await server.call("PUT", `${SERVICES}/a`, { body: external });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.equal(changed.body.spec.clusterIP, undefined);
  assert.equal(changed.body.spec.ipFamilies, undefined);
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
  const back = { ...changed.body, spec: { ...changed.body.spec, type: "ClusterIP", externalName: "" } };
  const again = await server.call("PUT", `${SERVICES}/a`, { body: back });
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1", again.body.spec.clusterIP].sort());
});

test("leaves a headless service without an address", async () => {
  await using server = await TestServer.start();
  const headless = (await server.call("POST", SERVICES, { body: serviceOf("a", { clusterIP: "None" }) })).body;
  assert.deepEqual(headless.spec.clusterIPs, ["None"]);
  assert.deepEqual(headless.spec.ipFamilies, ["IPv4"]);
  const bare = serviceOf("b", { clusterIP: "None", selector: undefined });
  const { spec } = (await server.call("POST", SERVICES, { body: bare })).body;
  assert.deepEqual([spec.ipFamilyPolicy, spec.ipFamilies], ["RequireDualStack", ["IPv4", "IPv6"]]);
  assert.deepEqual(await namesOf(server, ADDRESSES), ["10.96.0.1"]);
});

test("gives ports on the hosts, keeps them over an update that does not name them, and takes them back", async () => {
  await using server = await TestServer.start();
  const balanced = serviceOf("a", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
  const { body } = await server.call("POST", SERVICES, { body: balanced });
  const { healthCheckNodePort, ports } = body.spec;
  const { nodePort } = ports[0];
  assert.ok(nodePort >= 30_000 && healthCheckNodePort >= 30_000 && nodePort !== healthCheckNodePort);
  const kept = (await server.call("PUT", `${SERVICES}/a`, { body: balanced })).body;
  assert.deepEqual([kept.spec.ports[0].nodePort, kept.spec.healthCheckNodePort], [nodePort, healthCheckNodePort]);
  const wanted = serviceOf("b", { type: "NodePort", ports: [{ port: 80, nodePort }] });
  const refused = await server.call("POST", SERVICES, { body: wanted });
  assert.equal(refused.body.details.causes[0].field, "spec.ports[0].nodePort");
  assert.match(refused.body.message, /provided port is already allocated/);
  await server.call("DELETE", `${SERVICES}/a`);
  assert.equal((await server.call("POST", SERVICES, { body: wanted })).status, 201);
});

test("blames the client for a port that cannot be had, and drops what says nothing", async () => {
  await using server = await TestServer.start();
  const balanced = serviceOf("a", {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 5,
    selector: {},
  });
  const { status, body } = await server.call("POST", SERVICES, { body: balanced });
  assert.deepEqual([status, body.details.causes[0].field], [422, "spec.healthCheckNodePort"]);
  const { spec, metadata } = (await server.call("POST", SERVICES, { body: serviceOf("a", { selector: {} }) })).body;
  assert.deepEqual([spec.selector, metadata.generation], [undefined, undefined]);
});

test("takes an address of a load balancer for one that hosts may answer at, and none for other types", async () => {
  await using server = await TestServer.start();
  await server.call("POST", SERVICES, { body: serviceOf("a", { type: "LoadBalancer" }) });
  await server.call("POST", SERVICES, { body: serviceOf("b") });
  const patch = (name: string) =>
    server.call("PATCH", `${SERVICES}/${name}/status`, {
      body: { status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } } },
      contentType: "application/merge-patch+json",
    });
  assert.deepEqual((await patch("a")).body.status.loadBalancer.ingress, [{ ip: "192.0.2.7", ipMode: "VIP" }]);
  assert.equal((await patch("b")).body.details.causes[0].field, "status.loadBalancer.ingress");
});

test("tells whoever asks for Endpoints of the better kind", async () => {
  await using server = await TestServer.start();
  const { headers } = await server.call("GET", "/api/v1/namespaces/default/endpoints");
  assert.match(headers.warning ?? "", /v1 Endpoints is deprecated in v1\.33\+/);
});
