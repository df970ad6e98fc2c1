import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import type { IncomingMessage } from "node:http";
import { Agent, createServer, request as httpsRequest, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { schemaModel } from "@atoll/api/generated/schemas";
import { kinds } from "@atoll/api/kinds";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { CertificateAuthority, type KeyPairPem } from "@atoll/control-plane/certificates/certificate-authority";
import { openServiceAccountKey } from "@atoll/control-plane/certificates/service-account-key";
import {
  administratorCertificate,
  apiServerCertificate,
  issueNode,
  nodeClientCertificate,
} from "@atoll/control-plane/certificates/supervisor-certificates";
import { MemoryStore } from "@atoll/control-plane/store/memory/memory-store";
import { ApiServer } from "@atoll/control-plane/apiserver/api-server";
import { ServiceAccountTokens } from "@atoll/control-plane/apiserver/authentication/service-account-tokens";
import { HttpServer } from "@atoll/control-plane/apiserver/http/http-server";
import { encryptionOf } from "@atoll/control-plane/apiserver/registry/value-cipher";
import { openEncryptionKeys } from "@atoll/control-plane/certificates/encryption-keys";
import { NodeClient } from "@atoll/control-plane/apiserver/streaming/node-client";
import { configMapOf, podOf } from "@atoll/control-plane/apiserver/test-server";

const clock = systemClock;
const random = systemRandom;

let directory: string;
let authority: CertificateAuthority;
let proxies: CertificateAuthority;
let administrator: KeyPairPem;
let api: ApiServer;
let port: number;
let host: Server;
const owned = new AsyncDisposableStack();

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "apiserver-"));
  owned.defer(() => rm(directory, { recursive: true }));
  authority = await CertificateAuthority.open({ directory, clock, random });
  administrator = await administratorCertificate(authority);
  proxies = await CertificateAuthority.open({ directory: join(directory, "proxies"), clock, random });
  const frontProxy = { authorityPem: proxies.certificatePem, allowedNames: ["aggregator"] };
  const nodeClient = owned.use(
    new NodeClient({ authorityPem: authority.certificatePem, keyPair: await nodeClientCertificate(authority), clock }),
  );
  const key = await openServiceAccountKey(directory);
  const store = owned.use(new MemoryStore(clock));
  api = owned.use(
    new ApiServer({
      store,
      kinds,
      model: schemaModel,
      tokens: new ServiceAccountTokens({ key, issuer: "https://issuer.test", clock, random }),
      encryption: encryptionOf(await openEncryptionKeys(directory, random), random),
      nodeClient,
      frontProxy,
      serverAddress: "127.0.0.1",
      services: {
        cidrs: ["10.96.0.0/16"],
        nodePorts: { first: 30_000, last: 32_767 },
        sharesStore: false,
        advertised: { address: "192.0.2.1", port: 6443 },
      },
      clock,
      random,
      log: silentLogger,
    }),
  );
  await api.start(AbortSignal.timeout(10_000));
  const keyPair = await apiServerCertificate(authority, {
    address: "127.0.0.1",
    clusterDomain: "cluster.local",
    more: [],
  });
  const server = owned.use(
    new HttpServer({
      ...{
        api,
        address: "127.0.0.1",
        port: 0,
        keyPair,
        authorityPem: authority.certificatePem,
        frontProxy,

        clock,
      },
      log: silentLogger,
    }),
  );
  owned.defer(() => api.shutDown());
  port = await server.start();
  host = await startHost();
  owned.defer(() => {
    host.closeAllConnections();
    host.close();
  });
  await makeRunningPod();
});
after(() => owned.disposeAsync());

/** Stands in for a spherelet: answers logs, and echoes upgraded connections. */
async function startHost(): Promise<Server> {
  const { certificate, key } = await authority.issue({
    commonName: "system:node:n1",
    usage: "server",
    names: ["127.0.0.1"],
  });
  const options = { key, cert: certificate, ca: authority.certificatePem, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (incoming, outgoing) => {
    if (incoming.url?.startsWith("/containerLogs/default/run/c")) outgoing.end(`log of ${incoming.url}`);
    else outgoing.writeHead(404).end("no such container here");
  });
  server.on("upgrade", (incoming, socket, head) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${incoming.headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
    );
    socket.write(`${incoming.url} ${incoming.headers.authorization}\n`);
    socket.write(head);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function makeRunningPod(): Promise<void> {
  const address = host.address();
  const kubeletPort = typeof address === "object" && address ? address.port : 0;
  const post = (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    return api.handle({ method: "POST", path, headers, body: Buffer.from(JSON.stringify(body)) });
  };
  const node = { metadata: { name: "n1" } };
  await post("/api/v1/nodes", node);
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  };
  await api.handle({
    method: "PATCH",
    path: "/api/v1/nodes/n1/status",
    headers: { "content-type": "application/merge-patch+json" },
    body: Buffer.from(JSON.stringify({ status })),
  });
  await post("/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  await post("/api/v1/namespaces/default/pods", podOf("run"));
  await post("/api/v1/namespaces/default/pods/run/binding", {
    metadata: { name: "run" },
    target: { kind: "Node", name: "n1" },
  });
}

interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Uint8Array | string;
  readonly keyPair?: KeyPairPem | undefined;
}

function call(path: string, { method = "GET", headers = {}, body, keyPair = administrator }: Call = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const tls = { ca: authority.certificatePem, key: keyPair?.key, cert: keyPair?.certificate, agent: false as const };
    const request = httpsRequest({ host: "127.0.0.1", port, path, method, headers, ...tls }, async (response) => {
      const chunks: Buffer[] = await Array.fromAsync(response);
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("over TLS", () => {
  test("a client certificate of the authority says who asks, another one is refused", async () => {
    assert.equal((await call("/api/v1/namespaces")).status, 200);
    await using other = new AsyncDisposableStack();
    const elsewhere = join(directory, "other");
    other.defer(() => rm(elsewhere, { recursive: true }));
    const stranger = await CertificateAuthority.open({ directory: elsewhere, clock, random });
    assert.equal((await call("/livez", { keyPair: await administratorCertificate(stranger) })).status, 401);
    const serving = await authority.issue({ commonName: "x", organizations: ["system:masters"], usage: "server" });
    assert.equal((await call("/livez", { keyPair: serving })).status, 401);
  });

  test("a front proxy says who its user is, and is nobody itself", async () => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const ask = (keyPair: KeyPairPem, headers: Record<string, string | string[]>) =>
      call(path, { keyPair, method: "POST", body: "{}", headers: { "content-type": "application/json", ...headers } });
    const proxy = await proxies.issue({ commonName: "aggregator", organizations: ["system:masters"], usage: "client" });
    const headers = { "x-remote-user": "ann", "x-remote-group": ["a, b", "c"], "x-remote-extra-scope": "s" };
    const answer = await ask(proxy, headers);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(JSON.parse(answer.text).status.userInfo, {
      username: "ann",
      groups: ["a, b", "c", "system:authenticated"],
      extra: { scope: ["s"] },
    });
    assert.equal((await call("/api/v1/namespaces", { keyPair: proxy })).status, 403, "its own groups mean nothing");
    const other = await proxies.issue({ commonName: "other", organizations: [], usage: "client" });
    assert.equal((await ask(other, headers)).status, 401);
    const user = JSON.parse((await ask(administrator, headers)).text).status.userInfo.username;
    assert.equal(user, "kubernetes-admin", "a user's headers mean nothing");
  });

  test("HTTP/2 carries requests and watches of one connection", async () => {
    const { certificate: cert, key } = administrator;
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.certificatePem, cert, key });
    try {
      const watch = session.request({ ":path": "/api/v1/namespaces/default/configmaps?watch=true" });
      const [headers] = await once(watch, "response");
      assert.equal(headers[":status"], 200);
      const post = session.request({
        ...{ ":method": "POST", ":path": "/api/v1/namespaces/default/configmaps", "content-type": "application/json" },
      });
      post.end(JSON.stringify(configMapOf("seen")));
      post.resume();
      const [line] = await once(watch, "data");
      assert.equal(JSON.parse(line.toString()).object.metadata.name, "seen");
      watch.close();
    } finally {
      session.destroy();
    }
  });

  test("an idle HTTP/1.1 connection is kept as long as upstream keeps it", async () => {
    const { key, certificate: cert } = administrator;
    const agent = new Agent({ keepAlive: true, ca: authority.certificatePem, key, cert });
    const request = httpsRequest({ host: "127.0.0.1", port, path: "/livez", agent });
    request.end();
    const [response] = (await once(request, "response")) as [IncomingMessage]; // what Node gives to listeners of "response"
    assert.equal(response.headers["keep-alive"], "timeout=90");
    response.resume();
    agent.destroy();
  });

  test("the headers of a watch do not hold up what comes after them", { timeout: 10_000 }, async () => {
    const { key, certificate: cert } = administrator;
    const socket = connectTls({ host: "127.0.0.1", port, ca: authority.certificatePem, key, cert });
    await once(socket, "secureConnect");
    const ask = async (method: string, path: string) => {
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      return String((await once(socket, "data"))[0]);
    };
    assert.match(await ask("HEAD", "/api/v1/configmaps?watch=1&resourceVersion=0"), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
    assert.match(await ask("GET", "/livez"), /^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  test("an HTTP/1.1 watcher that does not read for a while gets every event", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const names = Array.from({ length: 30 }, (_, index) => `large-${index}`);
    const { certificate: cert, key } = administrator;
    const query = "watch=true&resourceVersion=0&labelSelector=size%3Dlarge";
    const request = httpsRequest({
      host: "127.0.0.1",
      port,
      path: `${path}?${query}`,
      ca: authority.certificatePem,
      key,
      cert,
    });
    request.end();
    const [watch] = (await once(request, "response")) as [IncomingMessage]; // what Node gives to listeners of "response"
    // Together more than the sockets of both ends hold.
    const payload = "x".repeat(500_000);
    for (const name of names) {
      const object = { ...configMapOf(name, { payload }), metadata: { name, labels: { size: "large" } } };
      const headers = { "content-type": "application/json" };
      assert.equal((await call(path, { method: "POST", headers, body: JSON.stringify(object) })).status, 201);
    }
    const chunks: Buffer[] = [];
    let lineCount = 0;
    for await (const chunk of watch as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      lineCount += chunk.filter((byte) => byte === 10).length;
      if (lineCount === names.length) break;
    }
    const lines = Buffer.concat(chunks).toString().trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).object.metadata.name),
      names,
    );
    const ended = await call(
      `${path}?watch=true&resourceVersion=0&timeoutSeconds=1&fieldSelector=metadata.name%3Dlarge-0`,
    );
    assert.equal(
      JSON.parse(ended.text).object.metadata.name,
      "large-0",
      "the stream ends as a whole when its time is over",
    );
  });

  test("a body of 100 MB is refused by its length, and one without a length when it grows too long", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      ca: authority.certificatePem,
      ...{ cert: administrator.certificate, key: administrator.key },
    });
    await once(socket, "secureConnect");
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n`,
    );
    // Nothing of the body has been sent, and the answer is there.
    const [first] = await once(socket, "data");
    assert.match(first.toString(), /^HTTP\/1\.1 413 /);
    socket.destroy();
    const chunked = connectTls({
      port,
      host: "127.0.0.1",
      ca: authority.certificatePem,
      ...{ cert: administrator.certificate, key: administrator.key },
    });
    await once(chunked, "secureConnect");
    chunked.on("error", () => chunked.destroy());
    chunked.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const piece = `100000\r\n${" ".repeat(0x100000)}\r\n`;
    for (let index = 0; index < 5; index++) chunked.write(piece);
    const [answer] = await once(chunked, "data");
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
    chunked.destroy();
  });
});

describe("to hosts", () => {
  const pod = "/api/v1/namespaces/default/pods/run";

  test("logs are handed on with the parameters the host knows", async () => {
    const { status, text } = await call(`${pod}/log?follow=true&tailLines=5&pretty=1`);
    assert.equal(status, 200);
    assert.equal(text, "log of /containerLogs/default/run/c?follow=true&tailLines=5");
    assert.equal((await call(`${pod}/log?container=nope`)).status, 400);
    assert.equal((await call(`${pod}/log?tailLines=-1`)).status, 422);
    assert.match((await call("/api/v1/nodes/n1/proxy/stats")).text, /no such container here/);
  });

  test("an upgraded connection is joined byte by byte, without the client's credentials", async () => {
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      ca: authority.certificatePem,
      ...{ cert: administrator.certificate, key: administrator.key },
    });
    await once(socket, "secureConnect");
    const query = "command=ls&command=-l&stdin=true&stdout=true&stderr=true&tty=false";
    socket.write(
      `POST ${pod}/exec?${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nearly`,
    );
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    const until = async (text: string) => {
      while (!received.includes(text)) await once(socket, "data");
    };
    await until("early");
    assert.match(received, /^HTTP\/1\.1 101 /);
    assert.match(received, /\/exec\/default\/run\/c\?input=1&output=1&error=1&command=ls&command=-l undefined\n/);
    socket.write("later");
    await until("later");
    socket.end();
    await once(socket, "close");
  });

  test("what cannot be joined is answered with a status", async () => {
    const upgrade = { connection: "Upgrade", upgrade: "SPDY/3.1" };
    assert.equal((await call(`${pod}/exec?stdout=1`)).status, 400);
    assert.equal((await call(`${pod}/exec`, { headers: upgrade })).status, 400);
    assert.equal((await call("/api/v1/namespaces/default/pods/none/exec?stdout=1", { headers: upgrade })).status, 404);
    const stranger = await authority.issue({ commonName: "nobody", usage: "client" });
    assert.equal((await call(`${pod}/exec?stdout=1`, { headers: upgrade, keyPair: stranger })).status, 403);
  });
});

test("a host's credentials are written whole and private", async () => {
  const out = join(directory, "n2");
  await issueNode(authority, { name: "n2", address: "192.0.2.7", directory: out });
  for (const file of ["node.key", "serving.key"]) assert.equal((await stat(join(out, file))).mode & 0o777, 0o600);
  for (const file of ["ca.crt", "node.crt", "serving.crt"])
    assert.equal((await stat(join(out, file))).mode & 0o777, 0o644);
  assert.equal((await stat(join(directory, "ca.key"))).mode & 0o777, 0o600);
  const again = await CertificateAuthority.open({ directory, clock, random });
  assert.equal(again.certificatePem, authority.certificatePem);
});
