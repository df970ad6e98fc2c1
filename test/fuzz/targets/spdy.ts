// Upgraded connections: what a client sends to a pod through the API server and its host, over SPDY and WebSockets; and what a
// hostile host sends to the API server, which speaks SPDY to it itself.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "@atoll/base/clock";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { startProgram } from "../../harness/child-program.ts";
import { freePort } from "../../harness/upstream-control-plane.ts";
import { HostileHost } from "../hostile-host.ts";
import { below, skewed, spoilBytes } from "../odd-values.ts";
import { SampledProcess, samplingEnvironment } from "../sampled-process.ts";
import { type FuzzTarget, type InputContext, NAMESPACE, type TargetSetup } from "../target.ts";
import { spoiltSpdyFrames } from "./spdy-frames.ts";

const POD = "web";
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const PROCESS_PROTOCOLS = [
  "v4.channel.k8s.io",
  "v5.channel.k8s.io",
  "v3.channel.k8s.io",
  "v2.channel.k8s.io",
  "channel.k8s.io",
  "x",
  "v4.base64.channel.k8s.io",
];
const FORWARD_PROTOCOLS = ["portforward.k8s.io", "SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io", "x"];
const POLL_MS = 20;

const checkout = fileURLToPath(new URL("../../..", import.meta.url));

export const spdy: FuzzTarget = {
  name: "spdy",
  what: "frames of SPDY and WebSockets to a host, and from a hostile host",
  async open(setup: TargetSetup) {
    await using starting = new AsyncDisposableStack();
    const credentials = join(setup.directory, "host");
    await issueCredentials(setup, credentials);
    const hostile = starting.use(await HostileHost.listen(credentials));
    const port = await freePort();
    const socketPath = join(setup.directory, "kubelet.sock");
    const environment = samplingEnvironment(socketPath);
    const args = [
      "test/fuzz/kubelet-process.ts",
      "--credentials",
      credentials,
      "--port",
      `${port}`,
      "--namespace",
      NAMESPACE,
      "--pod",
      POD,
    ];
    const kubelet = {
      name: "kubelet",
      path: process.execPath,
      args: args.map((arg, index) => (index === 0 ? join(checkout, arg) : arg)),
    };
    starting.use(startProgram({ ...kubelet, directory: setup.directory, environment }));
    const sampled = starting.use(await whenUp(() => SampledProcess.connect(socketPath)));
    await whenUp(() => takesConnections(port));
    await makePods(setup, { kubelet: port, hostile: hostile.port });
    const stack = starting.move();
    return {
      processes: [sampled],
      logs: [join(setup.directory, "kubelet.log")],
      send: (context) => (chance(context.random, 0.75) ? sendToHost(context) : answerHostile(context, hostile)),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
};

async function issueCredentials({ configurationFile }: TargetSetup, directory: string): Promise<void> {
  const args = ["--config", configurationFile, "--name", "host", "--address", "127.0.0.1", "--out", directory];
  await promisify(execFile)(process.execPath, [join(checkout, "bin/supervisor.ts"), "issue-node", ...args]);
}

async function takesConnections(port: number): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  socket.destroy();
}

async function whenUp<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt > 500) throw error;
      await systemClock.sleep(POLL_MS);
    }
  }
}

async function makePods(
  { make, lanes }: TargetSetup,
  ports: { readonly kubelet: number; readonly hostile: number },
): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    await make("POST", "/api/v1/nodes", { metadata: { name } });
    const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
    const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
    await make("PATCH", `/api/v1/nodes/${name}/status`, { status });
  }
  const pods = [[POD, "kubelet"], ...Array.from({ length: lanes }, (_, lane) => [`hostile-${lane}`, "hostile"])];
  for (const [name = "", nodeName] of pods) {
    const spec = { nodeName, containers: [{ name: "main", image: "example.com/x:1", ports: [{ containerPort: 80 }] }] };
    await make("POST", PODS, { metadata: { name }, spec });
    await make("PATCH", `${PODS}/${name}/status`, {
      status: { phase: "Running", podIP: "10.1.1.1", podIPs: [{ ip: "10.1.1.1" }] },
    });
  }
}

async function sendToHost({ random, lane, callRaw }: InputContext): Promise<void> {
  const isForward = chance(random, 0.4);
  const query = isForward ? `ports=${pick(random, ["80", "", "x", "0", "80,81"])}` : processQuery(random);
  const target = `${PODS}/${POD}/${isForward ? "portforward" : pick(random, ["exec", "exec", "attach"])}?${query}`;
  const isWebSocket = chance(random, 0.3);
  const known = isForward ? (isWebSocket ? "SPDY/3.1+portforward.k8s.io" : "portforward.k8s.io") : "v4.channel.k8s.io";
  const protocols = chance(random, 0.6) ? known : pick(random, isForward ? FORWARD_PROTOCOLS : PROCESS_PROTOCOLS);
  const upgrade = isWebSocket
    ? {
        upgrade: "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
        "sec-websocket-protocol": protocols,
      }
    : { upgrade: "SPDY/3.1", "x-stream-protocol-version": protocols };
  const method = isWebSocket ? "GET" : "POST";
  const request = lane.render({ method, target, headers: { connection: "Upgrade", ...upgrade } });
  const frames = isWebSocket ? webSocketFrames(random) : spoiltSpdyFrames(random, "client");
  // Some clients do not wait for the answer; others send in pieces.
  const cut = below(random, frames.length);
  await callRaw(
    chance(random, 0.3) ? [Buffer.concat([request, frames])] : [request, frames.subarray(0, cut), frames.subarray(cut)],
    "http/1.1",
    { waitsForAnswer: chance(random, 0.9) },
  );
}

function processQuery(random: Random): string {
  const flags = ["stdin=1", "stdout=1", "stderr=1", "tty=1"].filter(() => chance(random, 0.6));
  const command = pick(random, [
    ["command=cat"],
    ["command=exit", "command=3"],
    ["command=missing"],
    [],
    ["command=x".repeat(1000)],
  ]);
  const container = chance(random, 0.9) ? pick(random, ["", "container=main"]) : "container=x";
  return [...flags, ...command, container].filter((text) => text !== "").join("&");
}

async function answerHostile({ random, laneNumber, index, call }: InputContext, hostile: HostileHost): Promise<void> {
  const pod = `hostile-${laneNumber}`;
  const accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n";
  const head = chance(random, 0.85)
    ? accepted
    : pick(random, [
        "",
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "HTTP/1.1 101",
        `HTTP/1.1 101 x\r\n${"x: y\r\n".repeat(5000)}\r\n`,
        "\r\n\r\n",
        "x",
      ]);
  hostile.prepare(pod, Buffer.concat([Buffer.from(head), spoiltSpdyFrames(random, "server")]));
  await call({ method: "GET", target: `${PODS}/${pod}:80/proxy/${index}` });
}

// ---- WebSockets (RFC 6455, section 5.2) --------------------------------------------------------------------------------------

function webSocketFrames(random: Random): Buffer {
  // One for all frames of a flood: made anew for each, they took a third of the fuzzer's time.
  let spdyFrames: Buffer | undefined;
  const frames = Array.from({ length: chance(random, 0.9) ? 1 + below(random, 8) : skewed(random, 2000) }, () => {
    const payload = pick(random, [
      () => Buffer.concat([Buffer.from([below(random, 6)]), random.bytes(skewed(random, 3000))]),
      () => Buffer.from([255, below(random, 256)]),
      () => Buffer.alloc(0),
      () => Buffer.from('\u0004{"Width":1,"Height":'),
      () => (spdyFrames ??= spoiltSpdyFrames(random, "client")),
    ])();
    return webSocketFrame(random, payload);
  });
  const bytes = Buffer.concat(frames);
  return chance(random, 0.2) ? spoilBytes(random, bytes) : bytes;
}

function webSocketFrame(random: Random, payload: Buffer): Buffer {
  const opcode = chance(random, 0.8) ? 2 : below(random, 16);
  const flags = chance(random, 0.9) ? 0x80 : below(random, 16) << 4;
  const isMasked = chance(random, 0.95);
  const length = chance(random, 0.95) ? payload.length : below(random, 2 ** 31);
  const head =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >>> shift) & 255)];
  head[0] = (head[0] ?? 0) | (isMasked ? 0x80 : 0);
  // A mask of zeros changes nothing.
  return Buffer.concat([Buffer.from([flags | opcode, ...head, ...(isMasked ? [0, 0, 0, 0] : [])]), payload]);
}
