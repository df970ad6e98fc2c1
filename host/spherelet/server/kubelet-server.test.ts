import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { after, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Pod } from "@atoll/api/generated/types";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import { SpdyConnection, type SpdyStream } from "@atoll/base/node/spdy/connection";
import { ObjectCache } from "@atoll/machinery/controller/object-cache";
import { createWebSocketStream, WebSocket } from "ws";
import { MemoryGuest } from "../memory-host.ts";
import { KubeletServer } from "./kubelet-server.ts";
import { type Identity, MemoryAuthority } from "./memory-authority.ts";

const POD: Pod = {
  metadata: { name: "web", namespace: "default", uid: "1" },
  spec: { containers: [{ name: "main" }] },
  status: { phase: "Running" },
};

let authority: MemoryAuthority;
let apiServer: Identity;
let server: KubeletServer;
const guest = new MemoryGuest();
const pods = new ObjectCache<Pod>();
pods.put(POD);

before(async () => {
  authority = await MemoryAuthority.create();
  apiServer = await authority.issue("O=system:masters, CN=kube-apiserver-kubelet-client");
  const serving = await authority.issue("CN=host-1");
  const line = Multiplexer.connect(duplexLine(guest.connect()), { epoch: 1n, signal: AbortSignal.timeout(5000) });
  server = await KubeletServer.listen({
    address: "127.0.0.1",
    port: 0,
    certificate: serving.certificate,
    key: serving.key,
    clientAuthority: authority.certificate,
    nodeName: "host-1",
    pods,
    lines: { connect: () => line },
    clock: systemClock,
    log: silentLogger,
  });
});
after(() => server[Symbol.asyncDispose]());

async function get(path: string, caller?: Identity): Promise<{ status: number; body: string }> {
  const credentials = caller ? { cert: caller.certificate, key: caller.key } : {};
  const options = {
    host: "127.0.0.1",
    port: server.port,
    path,
    ca: authority.certificate,
    agent: false,
    ...credentials,
  };
  const outgoing = httpsRequest(options).end();
  const [message] = await once(outgoing, "response");
  let body = "";
  for await (const chunk of message) body += chunk;
  return { status: message.statusCode, body };
}

async function upgradeToSpdy(path: string, protocol: string): Promise<{ duplex: Duplex; protocol: unknown }> {
  const outgoing = httpsRequest({
    host: "127.0.0.1",
    port: server.port,
    path,
    method: "POST",
    ca: authority.certificate,
    cert: apiServer.certificate,
    key: apiServer.key,
    headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol },
  }).end();
  const [message, duplex] = await once(outgoing, "upgrade");
  return { duplex, protocol: message.headers["x-stream-protocol-version"] };
}

function openWebSocket(path: string, protocols: string[]): WebSocket {
  return new WebSocket(`wss://127.0.0.1:${server.port}${path}`, protocols, {
    ca: authority.certificate,
    cert: apiServer.certificate,
    key: apiServer.key,
    perMessageDeflate: false,
  });
}

async function readText(stream: SpdyStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.readable) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("kubelet server", { timeout: 20_000 }, () => {
  it("answers the API server and nobody else", async () => {
    assert.deepEqual(await get("/healthz", apiServer), { status: 200, body: "ok" });
    const node = await authority.issue("O=system:nodes, CN=system:node:host-2");
    assert.equal((await get("/healthz", node)).status, 403);
    await assert.rejects(get("/healthz"));
    const stranger = await (await MemoryAuthority.create()).issue("O=system:masters, CN=kube-apiserver-kubelet-client");
    await assert.rejects(get("/healthz", stranger));
  });

  it("gives logs, and errors of the query and of the agent as such", async () => {
    assert.equal((await get("/containerLogs/default/web/main", apiServer)).body, "one\ntwo\nthree\n");
    assert.equal((await get("/containerLogs/default/web/main?tailLines=1&follow=true", apiServer)).body, "three\n");
    assert.equal((await get("/containerLogs/default/web/main?tailLines=x", apiServer)).status, 400);
    assert.equal((await get("/containerLogs/default/web/main?previous=true", apiServer)).status, 404);
    assert.equal((await get("/containerLogs/default/nobody/main", apiServer)).status, 404);
  });

  it("lists pods and their statistics", async () => {
    assert.equal(JSON.parse((await get("/pods", apiServer)).body).items.length, 1);
    const summary = JSON.parse((await get("/stats/summary", apiServer)).body);
    assert.equal(summary.pods[0].cpu.usageCoreNanoSeconds, 7);
  });

  it("runs a command over SPDY with input, output and the exit code", async () => {
    const query = "command=cat&input=1&output=1&error=1";
    const { duplex, protocol } = await upgradeToSpdy(`/exec/default/web/main?${query}`, "v4.channel.k8s.io");
    assert.equal(protocol, "v4.channel.k8s.io");
    await using client = new SpdyConnection(duplex, { role: "client" });
    const error = await client.open({ streamtype: "error" });
    const stdin = await client.open({ streamtype: "stdin" });
    const stdout = await client.open({ streamtype: "stdout" });
    await client.open({ streamtype: "stderr" });
    const sent = "x".repeat(2_000_000);
    void stdin.write(Buffer.from(sent)).then(() => stdin.end());
    assert.equal((await readText(stdout)) === sent, true);
    assert.equal(JSON.parse(await readText(error)).status, "Success");
  });

  it("tells a failed command's exit code as a cause of the Status", async () => {
    const path = "/exec/default/web/main?command=exit&command=3&output=1&error=1";
    const { duplex } = await upgradeToSpdy(path, "v5.channel.k8s.io, v4.channel.k8s.io");
    await using client = new SpdyConnection(duplex, { role: "client" });
    const [error, stdout, stderr] = await Promise.all(
      ["error", "stdout", "stderr"].map((streamtype) => client.open({ streamtype })),
    );
    assert.equal(await readText(stderr!), "bye\n");
    assert.equal(await readText(stdout!), "");
    const status = JSON.parse(await readText(error!));
    assert.equal(status.reason, "NonZeroExitCode");
    assert.deepEqual(status.details.causes, [{ reason: "ExitCode", message: "3" }]);
  });

  it("runs a terminal over a v5 WebSocket, whose client can end its input", async () => {
    const socket = openWebSocket("/exec/default/web/main?command=sh&input=1&output=1&tty=1", ["v5.channel.k8s.io"]);
    const output: Buffer[] = [];
    const status = new Promise<string>((resolve) => {
      socket.on("message", (data: Buffer) => {
        if (data[0] === 1) output.push(data.subarray(1));
        if (data[0] === 3) resolve(data.subarray(1).toString());
      });
    });
    await once(socket, "open");
    assert.equal(socket.protocol, "v5.channel.k8s.io");
    socket.send(Buffer.from('\x04{"Width":80,"Height":24}'));
    while (output.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.send(Buffer.from("\x00hello"));
    socket.send(Buffer.from([255, 0]));
    assert.equal(JSON.parse(await status).status, "Success");
    assert.equal(Buffer.concat(output).toString(), "80x24\nhello");
    await once(socket, "close");
  });

  it("keeps no connection whose upgrade it refused", async () => {
    const connections = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    const before = connections();
    const { certificate: cert, key } = apiServer;
    const socket = connectTls({ host: "127.0.0.1", port: server.port, ca: authority.certificate, cert, key });
    await once(socket, "secureConnect");
    const headers = ["Host: x", "Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v9"];
    socket.write(["POST /exec/default/web/main?command=sh HTTP/1.1", ...headers, "", ""].join("\r\n"));
    // More than fits into what is read with the request.
    socket.write(Buffer.alloc(200_000));
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 403 /);
    socket.destroy();
    while (connections() > before) await systemClock.sleep(5);
  });

  it("refuses subprotocols it does not speak", async () => {
    const socket = openWebSocket("/exec/default/web/main?command=sh&output=1", ["v9.channel.k8s.io"]);
    const [error] = await once(socket, "error");
    assert.match(String(error), /400/);
  });

  it("forwards connections over SPDY, several at a time", async () => {
    const { duplex } = await upgradeToSpdy("/portForward/default/web", "portforward.k8s.io");
    await using client = new SpdyConnection(duplex, { role: "client" });
    await Promise.all(
      ["0", "1", "2"].map(async (requestid) => {
        const error = await client.open({ streamtype: "error", port: "80", requestid });
        await error.end();
        const data = await client.open({ streamtype: "data", port: "80", requestid });
        const sent = requestid.repeat(300_000);
        void data.write(Buffer.from(sent)).then(() => data.end());
        assert.equal((await readText(data)) === sent, true);
        assert.equal(await readText(error), "");
      }),
    );
  });

  it("forwards over SPDY inside of a WebSocket", async () => {
    // The name has a "/", so the client's library would refuse it too: this client is made by hand.
    const protocol = "SPDY/3.1+portforward.k8s.io";
    const outgoing = httpsRequest({
      host: "127.0.0.1",
      port: server.port,
      path: "/portForward/default/web",
      ca: authority.certificate,
      cert: apiServer.certificate,
      key: apiServer.key,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol": protocol,
      },
    }).end();
    const [message, duplex] = await once(outgoing, "upgrade");
    assert.equal(message.headers["sec-websocket-protocol"], protocol);
    const ping = Buffer.from("800300060000000400000001", "hex");
    // A final binary message of 12 bytes, masked with zeros (RFC 6455, section 5.2).
    duplex.write(Buffer.concat([Buffer.from([0x82, 0x80 | ping.length, 0, 0, 0, 0]), ping]));
    const [answer] = await once(duplex, "data");
    assert.deepEqual(answer, Buffer.concat([Buffer.from([0x82, ping.length]), ping]));
    duplex.destroy();
  });

  it("says on the error stream when nothing listens in the pod", async () => {
    const { duplex } = await upgradeToSpdy("/portForward/default/web", "portforward.k8s.io");
    await using client = new SpdyConnection(duplex, { role: "client" });
    const error = await client.open({ streamtype: "error", port: "1", requestid: "0" });
    const data = await client.open({ streamtype: "data", port: "1", requestid: "0" });
    assert.match(await readText(error), /an error occurred forwarding port 1: .*connection refused/);
    assert.equal(await readText(data), "");
  });

  it("forwards ports over WebSocket channels that begin with the port's number", async () => {
    const socket = openWebSocket("/portForward/default/web?port=80", ["v4.channel.k8s.io"]);
    await using stream = createWebSocketStream(socket);
    const received: Buffer[] = [];
    stream.on("data", (data: Buffer) => received.push(data));
    await once(socket, "open");
    socket.send(Buffer.from("\x00ping"));
    while (received.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(
      received.map((data) => data.toString("latin1")),
      ["\x00P\x00", "\x01P\x00", "\x00ping"],
    );
  });
});
