// One webhook over the network: certificates, kept connections, time limits. What webhooks decide is tested beside their code,
// in `control-plane/apiserver/admission/webhooks/`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { endpointsKind } from "@atoll/api/core/endpoints/kind";
import { Service, serviceKind } from "@atoll/api/core/service/kind";
import { EndpointSlice, endpointSliceKind } from "@atoll/api/discovery/endpoint-slice/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { systemClock } from "@atoll/base/clock";
import { seededRandom, systemRandom } from "@atoll/base/random";
import { directDial } from "@atoll/control-plane/apiserver/outgoing/dial";
import { CallError, HttpsCaller } from "@atoll/control-plane/apiserver/outgoing/https-caller";
import { ServiceAddresses } from "@atoll/control-plane/apiserver/outgoing/service-addresses";
import { TestResources } from "@atoll/control-plane/apiserver/test-resources";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";

const SERVICE_NAME = "hook.shop.svc";

let authority: CertificateAuthority;
let stranger: CertificateAuthority;
let server: Server;
let port: number;
let resources: TestResources;
let caller: HttpsCaller;
let connections = 0;
const owned = new AsyncDisposableStack();

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), "webhook-"));
  owned.defer(() => rm(directory, { recursive: true }));
  authority = await CertificateAuthority.open({ directory, clock: systemClock, random: systemRandom });
  const elsewhere = join(directory, "stranger");
  stranger = await CertificateAuthority.open({ directory: elsewhere, clock: systemClock, random: systemRandom });
  const { certificate, key } = await authority.issue({
    commonName: "hook",
    usage: "server",
    names: ["127.0.0.1", SERVICE_NAME],
  });
  server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    if (incoming.url?.startsWith("/silent")) return;
    if (incoming.url?.startsWith("/endless")) {
      outgoing.write(Buffer.alloc(1 << 20));
      outgoing.end(Buffer.alloc(1 << 20));
      return;
    }
    if (incoming.url?.startsWith("/halting")) {
      outgoing.writeHead(200).write("{");
      return;
    }
    if (incoming.url?.startsWith("/switching")) {
      outgoing.writeHead(101, { connection: "upgrade", upgrade: "x" }).end();
      return;
    }
    incoming.pipe(outgoing.writeHead(200, { "x-url": incoming.url ?? "" }));
  });
  server.on("secureConnection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  port = typeof address === "object" && address ? address.port : 0;
  const kinds = [serviceKind, endpointSliceKind, endpointsKind] as unknown as KindDefinition[]; // as `api/kinds.ts` does
  resources = owned.use(await TestResources.start(kinds));
  const addresses = new ServiceAddresses(resources.table, seededRandom(1));
  caller = owned.use(new HttpsCaller({ dial: directDial(systemClock), addresses, clock: systemClock }));
});
after(() => owned.disposeAsync());

/** The caller reads what the caches show. */
async function seen(resource: typeof Service | typeof EndpointSlice): Promise<void> {
  const store = resources.table.of<Service | EndpointSlice>(resource);
  await store.get(store.keyOf("shop", "hook"));
}

const call = { body: Buffer.from("{}"), timeoutMs: 5000, answerBytesMax: 1000 };

function failure(path: string, more: { authorityPem?: string; timeoutMs?: number } = {}): Promise<string> {
  const { authorityPem = authority.certificatePem, timeoutMs = call.timeoutMs } = more;
  return caller.post({ url: `https://127.0.0.1:${port}${path}`, authorityPem }, { ...call, timeoutMs }).then(
    () => "no failure",
    (error: unknown) => {
      assert.ok(error instanceof CallError);
      return error.message;
    },
  );
}

test("calls one after the other share a connection", async () => {
  connections = 0;
  const target = { url: `https://127.0.0.1:${port}/echo`, authorityPem: authority.certificatePem };
  for (let index = 0; index < 3; index++) {
    const { status, body } = await caller.post(target, call);
    assert.deepEqual([status, Buffer.from(body).toString()], [200, "{}"]);
  }
  assert.equal(connections, 1);
});

test("a server is found through its Service and must have the Service's name", async () => {
  const target = { namespace: "shop", name: "hook" };
  const url = `https://${SERVICE_NAME}:443/echo`;
  const post = () =>
    caller.post({ url, service: { ...target, port: 443 }, authorityPem: authority.certificatePem }, call);
  await assert.rejects(post(), /services "hook" not found/);
  const metadata = { namespace: "shop", name: "hook" };
  await resources.put(Service, { metadata, spec: { ports: [{ port: 443, name: "https" }] } });
  await seen(Service);
  await assert.rejects(post(), /no endpoints available for service "hook"/);
  await resources.put(EndpointSlice, {
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": "hook" } },
    addressType: "IPv4",
    ports: [{ name: "https", port }],
    endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: false } }, { addresses: ["127.0.0.1"] }],
  });
  await seen(EndpointSlice);
  assert.equal((await post()).status, 200);
});

test("an unknown authority, a time limit and an answer that is too long end a call", async () => {
  assert.match(await failure("/echo", { authorityPem: stranger.certificatePem }), /signed by unknown authority$/);
  assert.match(await failure("/silent", { timeoutMs: 100 }), /silent\?timeout=1s": context deadline exceeded$/);
  assert.match(await failure("/endless"), /larger than 1000 bytes$/);
});

test("an answer that halts in its middle ends with the limit, one in another protocol at once", {
  timeout: 10_000,
}, async () => {
  assert.match(await failure("/halting", { timeoutMs: 100 }), /halting\?timeout=1s": context deadline exceeded$/);
  assert.match(await failure("/switching"), /switching\?timeout=5s": EOF$/);
});
