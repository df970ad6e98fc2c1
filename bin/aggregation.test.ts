// A small API server of somebody else's behind the Supervisor's, over real TLS: certificates on both sides, users' identities,
// discovery, watches, upgrades, and what is said of a server that is not there.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { systemClock } from "@atoll/base/clock";
import { systemRandom } from "@atoll/base/random";
import { directDial } from "@atoll/control-plane/apiserver/outgoing/dial";
import { type Json, TestServer } from "@atoll/control-plane/apiserver/test-server";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";

const GROUP = "wardle.example.com";
const API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const NAME = `v1alpha1.${GROUP}`;

let server: TestServer;
let remote: Server;
let authority: CertificateAuthority;
/** The certificate that the aggregator showed, and the headers of the last request. */
let seen: { user: string; headers: IncomingMessage["headers"]; rawHeaders: string[] } | undefined;
const owned = new AsyncDisposableStack();

const resources = [
  { name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs: ["create", "get", "list"] },
  { name: "flunders/status", singularName: "", namespaced: true, kind: "Flunder", verbs: ["get", "update"] },
];

function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { subject } = (incoming.socket as TLSSocket).getPeerCertificate();
  const { headers, rawHeaders, url = "", method } = incoming;
  const isCheck = headers["x-remote-user"] === "system:kube-aggregator";
  if (!isCheck) seen = { user: String(subject?.CN), headers, rawHeaders };
  outgoing.setHeader("content-type", "application/json");
  if (url === `/apis/${GROUP}/v1alpha1`) {
    outgoing.end(JSON.stringify({ kind: "APIResourceList", groupVersion: `${GROUP}/v1alpha1`, resources }));
  } else if (url.endsWith("/away")) outgoing.writeHead(302, { location: "https://elsewhere" }).end();
  else if (url.includes("watch=1")) outgoing.write('{"type":"ADDED"}\n');
  else {
    let body = "";
    incoming.on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => outgoing.end(JSON.stringify({ kind: "Flunder", url, method, body })));
  }
}

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), "aggregation-"));
  owned.defer(() => rm(directory, { recursive: true }));
  const parts = { clock: systemClock, random: systemRandom };
  authority = await CertificateAuthority.open({ directory, ...parts });
  const proxies = await CertificateAuthority.open({ directory: join(directory, "front-proxy"), ...parts });
  const serving = await authority.issue({ commonName: "api", usage: "server", names: ["api.wardle.svc"] });
  const options = { key: serving.key, cert: serving.certificate, ca: proxies.certificatePem };
  remote = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, answer);
  remote.on("upgrade", (incoming, socket) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n${incoming.headers["x-remote-user"]}`,
    );
  });
  remote.listen(0, "127.0.0.1");
  await once(remote, "listening");
  owned.defer(() => {
    remote.closeAllConnections();
    remote.close();
  });
  const address = remote.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const direct = directDial(systemClock);
  server = owned.use(
    await TestServer.start(undefined, {
      dial: (to, signal) => direct({ ...to, host: "127.0.0.1" }, signal),
      aggregation: {
        keyPair: await proxies.issue({ commonName: "front-proxy-client", usage: "client", names: [] }),
        clientAuthorityPem: authority.certificatePem,
        proxyAuthorityPem: proxies.certificatePem,
        proxyNames: ["front-proxy-client"],
      },
    }),
  );
  await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "wardle" } } });
  await register();
  assert.deepEqual(await condition("ServiceNotFound"), 'service/api in "wardle" is not present');
  await server.call("POST", "/api/v1/namespaces/wardle/services", {
    body: { metadata: { name: "api" }, spec: { ports: [{ name: "https", port: 443 }] } },
  });
  assert.match(await condition("EndpointsNotFound"), /cannot find endpointslices for service\/api in "wardle"/);
  await server.call("POST", "/apis/discovery.k8s.io/v1/namespaces/wardle/endpointslices", {
    body: {
      metadata: { name: "api-1", labels: { "kubernetes.io/service-name": "api" } },
      addressType: "IPv4",
      ports: [{ name: "https", port }],
      endpoints: [{ addresses: ["192.0.2.9"] }],
    },
  });
  await condition("Passed");
});
after(() => owned.disposeAsync());

async function register(): Promise<void> {
  const { status, body } = await server.call("POST", API_SERVICES, {
    body: {
      metadata: { name: NAME },
      spec: {
        group: GROUP,
        version: "v1alpha1",
        groupPriorityMinimum: 2000,
        versionPriority: 200,
        service: { namespace: "wardle", name: "api" },
        caBundle: Buffer.from(authority.certificatePem).toString("base64"),
      },
    },
  });
  assert.equal(status, 201, JSON.stringify(body));
}

/** Waits until the APIService says so; answers the message. */
async function condition(reason: string): Promise<string> {
  for await (const { object } of server.watch(
    `${API_SERVICES}?watch=1&fieldSelector=metadata.name%3D${NAME}`,
    AbortSignal.timeout(15_000),
  )) {
    const found = object.status?.conditions?.find((one: Json) => one.type === "Available" && one.reason === reason);
    if (found) return found.message;
  }
  throw new Error(`the APIService never said ${reason}`);
}

test("requests go on in the name of the user who asked, and nobody else's", async () => {
  const user = { name: "ann", uid: "u1", groups: ["blue", "red"], extra: { "a/b": ["1", "2"] } };
  const { status, body } = await server.call("POST", `/apis/${GROUP}/v1alpha1/namespaces/default/flunders?x=1`, {
    body: { spec: {} },
    user: { ...user, groups: [...user.groups, "system:masters"] },
    headers: { "x-remote-user": "root", "x-remote-extra-own": "x", authorization: "Bearer secret" },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([body.method, body.url], ["POST", `/apis/${GROUP}/v1alpha1/namespaces/default/flunders?x=1`]);
  assert.equal(seen?.user, "front-proxy-client");
  assert.equal(seen?.headers["x-remote-user"], "ann");
  assert.equal(seen?.headers["x-remote-uid"], "u1");
  const raw = seen?.rawHeaders ?? [];
  const groups = raw.filter((_, index) => raw[index - 1]?.toLowerCase() === "x-remote-group");
  assert.deepEqual(groups, ["blue", "red", "system:masters"]);
  assert.equal(seen?.headers["x-remote-extra-a%2fb"], "1, 2");
  assert.equal(seen?.headers["x-remote-extra-own"], undefined);
  assert.equal(seen?.headers.authorization, undefined);
});

test("discovery shows what the server has", async () => {
  const groups = (await server.call("GET", "/apis")).body.groups;
  assert.deepEqual(groups.find(({ name }: Json) => name === GROUP)?.preferredVersion.version, "v1alpha1");
  assert.equal((await server.call("GET", `/apis/${GROUP}`)).body.versions.length, 1);
  assert.deepEqual((await server.call("GET", `/apis/${GROUP}/v1alpha1`)).body.resources, resources);
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { items } = (await server.call("GET", "/apis", { headers: { accept } })).body;
  const [version] = items.find(({ metadata }: Json) => metadata.name === GROUP).versions;
  assert.deepEqual(
    version.resources.map(({ resource, subresources }: Json) => [resource, subresources[0].subresource]),
    [["flunders", "status"]],
  );
  const index = (await server.call("GET", "/openapi/v3")).body.paths;
  assert.ok(index[`apis/${GROUP}/v1alpha1`]);
});

test("watches are handed on as they come, redirects are not", async () => {
  for await (const { type } of server.watch(`/apis/${GROUP}/v1alpha1/flunders?watch=1`, AbortSignal.timeout(5000))) {
    assert.equal(type, "ADDED");
    break;
  }
  assert.equal((await server.call("GET", `/apis/${GROUP}/v1alpha1/flunders/away`)).status, 502);
});

test("every group version that this server has itself is registered, and that of a custom resource with its definition", async () => {
  const { items } = (await server.call("GET", API_SERVICES)).body;
  const local = items.filter(({ spec }: Json) => !spec.service);
  const names = local.map(({ metadata }: Json) => metadata.name);
  for (const name of ["v1.", "v1.apps", "v2.autoscaling", "v1.authorization.k8s.io", "v1.apiextensions.k8s.io"]) {
    assert.ok(names.includes(name), name);
  }
  const [apps] = local.filter(({ metadata }: Json) => metadata.name === "v1.apps");
  assert.deepEqual([apps.spec.groupPriorityMinimum, apps.spec.versionPriority], [17_800, 15]);
  assert.deepEqual(
    [apps.status.conditions[0].reason, apps.metadata.labels],
    ["Local", { "kube-aggregator.kubernetes.io/automanaged": "onstart" }],
  );
});

test("how the aggregator is told from others is published", async () => {
  const { body } = await server.call(
    "GET",
    "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication",
  );
  assert.equal(body.data["requestheader-allowed-names"], '["front-proxy-client"]');
  assert.equal(body.data["client-ca-file"], authority.certificatePem);
  assert.match(body.data["requestheader-client-ca-file"], /BEGIN CERTIFICATE/);
});

test("a server that is not there is said to be unavailable, and the others go on", async () => {
  await server.call("DELETE", "/apis/discovery.k8s.io/v1/namespaces/wardle/endpointslices/api-1");
  await condition("EndpointsNotFound");
  const { status, body } = await server.call("GET", `/apis/${GROUP}/v1alpha1/flunders`);
  assert.deepEqual([status, body], [503, "service unavailable\n"]);
  assert.equal((await server.call("GET", "/apis/apps/v1/deployments")).status, 200);
  await server.call("DELETE", `${API_SERVICES}/${NAME}`);
  assert.equal((await server.call("GET", `/apis/${GROUP}/v1alpha1/flunders`)).status, 404);
});
