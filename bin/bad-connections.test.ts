// What is no request, or ends before it is one, over real connections: answered as far as it can be, and nothing stays open.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { systemRandom } from "@atoll/base/random";
import type { ApiServer } from "@atoll/control-plane/apiserver/api-server";
import { HttpServer, type HttpServerOptions } from "@atoll/control-plane/apiserver/http/http-server";
import { TestServer } from "@atoll/control-plane/apiserver/test-server";
import { CertificateAuthority, type KeyPairPem } from "@atoll/control-plane/certificates/certificate-authority";
import {
  administratorCertificate,
  apiServerCertificate,
} from "@atoll/control-plane/certificates/supervisor-certificates";
import { readBody } from "@atoll/machinery/client/transport";

const clock = systemClock;
const owned = new AsyncDisposableStack();

let administrator: KeyPairPem;
let port: number;
let api: ApiServer;
let options: Omit<HttpServerOptions, "log">;

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), "bad-connections-"));
  owned.defer(() => rm(directory, { recursive: true }));
  const authority = await CertificateAuthority.open({ directory, clock, random: systemRandom });
  administrator = await administratorCertificate(authority);
  api = owned.use(await TestServer.start()).api;
  const name = { address: "127.0.0.1", clusterDomain: "cluster.local", more: [] };
  const keyPair = await apiServerCertificate(authority, name);
  options = { api, address: "127.0.0.1", port: 0, keyPair, authorityPem: authority.certificatePem, clock };
  const server = owned.use(new HttpServer({ ...options, log: silentLogger }));
  owned.defer(() => api.shutDown());
  port = await server.start();
});
after(() => owned.disposeAsync());

async function open(protocol: "http/1.1" | "h2" = "http/1.1"): Promise<TLSSocket> {
  const { certificate: cert, key } = administrator;
  const options = {
    ...{ host: "127.0.0.1", port, cert, key, rejectUnauthorized: false, allowHalfOpen: true },
    ALPNProtocols: [protocol],
  };
  const socket = connect(options as ConnectionOptions); // the types do not know that TLS sockets can be half open
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

async function openHttp2(options: { readonly initialWindowSize?: number } = {}): Promise<ClientHttp2Session> {
  const { certificate: cert, key } = administrator;
  const settings = { enablePush: false, ...options };
  const session = connectHttp2(`https://127.0.0.1:${port}`, { cert, key, rejectUnauthorized: false, settings });
  session.on("error", () => {});
  await once(session, "remoteSettings");
  return session;
}

async function openWatches(): Promise<number> {
  const { body } = await api.handle({ method: "GET", path: "/metrics", headers: {} });
  const lines = Buffer.from(await readBody(body))
    .toString()
    .matchAll(/^apiserver_longrunning_requests\{.*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}

function post(path: string, object: object) {
  const body = Buffer.from(JSON.stringify(object));
  return api.handle({ method: "POST", path, headers: { "content-type": "application/json" }, body });
}

async function untilNoWatch(): Promise<void> {
  while ((await openWatches()) > 0) await setTimeout(5);
}

async function answerTo(bytes: string): Promise<string> {
  const socket = await open();
  socket.write(bytes);
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
  });
  await new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  socket.destroy();
  return answer;
}

test("the server's end waits no longer for a client that has not greeted than for an answer", async () => {
  const time = new VirtualClock();
  const server = new HttpServer({ ...options, clock: time, log: silentLogger });
  const silent = connectTcp({ host: "127.0.0.1", port: await server.start() });
  silent.on("error", () => {});
  await once(silent, "connect");
  const closed = once(silent, "close");
  // The server has taken the connection once it has answered on a later one.
  const later = connectTcp({ host: "127.0.0.1", port: silent.remotePort ?? 0 });
  later.end("no greeting");
  await once(later.resume(), "close");
  const ended = server[Symbol.asyncDispose]();
  await time.advance(5_000);
  await Promise.all([ended, closed]);
});

describe("bad connections", { timeout: 20_000 }, () => {
  test("bytes that are no request are answered 400", async () => {
    for (const bytes of [
      "GET %2Fapi HTTP/1.1\r\nHost: x\r\n\r\n",
      "no request\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ]) {
      assert.match(await answerTo(bytes), /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\n400 Bad Request$/);
    }
  });

  test("bytes that are no request do not cut the second of two answers in two", async () => {
    const socket = await open();
    let answers = "";
    socket.on("data", (chunk: Buffer) => {
      answers += chunk.toString("latin1");
    });
    const rest = "HTTP/1.1\r\nHost: x\r\n\r\n";
    socket.write(`GET /version ${rest}GET /api/v1/configmaps?watch=1 ${rest}`);
    while (!answers.includes("Transfer-Encoding: chunked")) await once(socket, "data");
    socket.write("no request\r\n\r\n");
    await new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
    socket.destroy();
    assert.doesNotMatch(answers, /400 Bad Request/);
    await untilNoWatch();
  });

  test("headers of 60 KiB are read, those of a megabyte are answered 431", async () => {
    const request = (bytes: number) =>
      `GET /version HTTP/1.1\r\nHost: x\r\nx-long: ${"y".repeat(bytes)}\r\nConnection: close\r\n\r\n`;
    assert.match(await answerTo(request(60_000)), /^HTTP\/1\.1 200 /);
    assert.match(await answerTo(request(1_000_000)), /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
  });

  test("a refused upgrade ends, whatever its client still sends", async () => {
    const socket = await open();
    const path = "/api/v1/namespaces/default/pods/nobody/exec?command=a&stdout=1";
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`;
    socket.write(head + "x".repeat(100_000));
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 404 /);
    // Its own half stays open: that the server has closed, it learns from what it writes.
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const writing = setInterval(() => socket.write("more"), 20);
    try {
      await closed;
    } finally {
      clearInterval(writing);
    }
  });

  test("who asks for an upgrade where there is none has the whole answer, however long", async () => {
    const path = "/api/v1/namespaces/default/configmaps";
    const data = { payload: "x".repeat(100_000) };
    for (const name of ["a", "b", "c"]) {
      const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
      const { status } = await post(path, object);
      assert.equal(status, 201);
    }
    for (const more of ["", "Accept-Encoding: gzip\r\n"]) {
      const upgrade = `${more}Connection: Upgrade\r\nUpgrade: x`;
      const [head = "", body = ""] = (await answerTo(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n\r\n`)).split(
        "\r\n\r\n",
      );
      assert.match(head, /^HTTP\/1\.1 200 /);
      const bytes = Buffer.from(body, "latin1");
      const list = JSON.parse((more === "" ? bytes : gunzipSync(bytes)).toString());
      assert.equal(list.items.length, 3);
    }
  });

  test("a client that still sends what is too much reads why it is refused", async () => {
    const head = "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n";
    for (let attempt = 0; attempt < 10; attempt++) {
      const socket = await open();
      let failure: Error | undefined;
      socket.on("error", (error) => {
        failure = error;
      });
      socket.write(head);
      // As much as the connection takes: what is not read stands in the way of a clean end.
      for (let sent = 0; sent < 50; sent++) socket.write(Buffer.alloc(1_000_000, 32));
      const [answer] = await once(socket, "data");
      await setTimeout(50);
      assert.match(String(answer), /^HTTP\/1\.1 413 [\s\S]*"code":413/);
      // The server waits for the client to close: its own end, in the middle of what is sent, may take the answer away.
      assert.deepEqual([failure, socket.readableEnded], [undefined, false]);
      socket.destroy();
    }
  });
});

describe("bad connections of HTTP/2", { timeout: 20_000 }, () => {
  test("a watch ends that its client lets go of in the middle of an event", async () => {
    // A client that takes nothing: what it is sent stays under way.
    const session = await openHttp2({ initialWindowSize: 0 });
    const path = "/api/v1/namespaces?watch=true";
    const stream = session.request({ ":path": path }).on("error", () => {});
    await once(stream, "response");
    assert.equal(await openWatches(), 1);
    await post("/api/v1/namespaces", { metadata: { name: "an-event" } });
    stream.close(constants.NGHTTP2_NO_ERROR);
    await untilNoWatch();
    session.destroy();
  });

  test("a client that takes back hundreds of requests at once is let go", async () => {
    const socket = await open("h2");
    socket.write(HTTP2_PREFACE);
    const streams = Array.from({ length: 560 }, (_, index) => 1 + 2 * index);
    // One record of TLS: all of it comes at once.
    socket.write(Buffer.concat(streams.flatMap((stream) => [headersFrame(stream), resetFrame(stream)])));
    await new Promise((resolve) => socket.resume().once("end", resolve).once("close", resolve));
    socket.destroy();
  });

  test("all requests are answered that a client sends at once, and no more than it may", async () => {
    const session = await openHttp2();
    const streams = Array.from({ length: 250 }, () => session.request({ ":path": "/version" }).resume());
    const answers = await Promise.all(streams.map((stream) => once(stream, "response")));
    assert.deepEqual([...new Set(answers.map(([headers]) => headers[":status"]))], [200]);
    session.destroy();
  });
});

const HTTP2_PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  http2Frame(4, 0, 0, Buffer.alloc(0)),
]);

// ---- Frames of HTTP/2 (RFC 9113, section 4.1) ----------------------------------------------------------------------------------

function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A whole GET of "/": indices of HPACK's static table, and the authority "x" as a literal (RFC 7541). */
function headersFrame(stream: number): Buffer {
  return http2Frame(1, 1 | 4, stream, Buffer.from([0x82, 0x87, 0x84, 0x01, 1, 0x78]));
}

function resetFrame(stream: number): Buffer {
  return http2Frame(3, 0, stream, Buffer.from([0, 0, 0, 8]));
}
