import assert from "node:assert/strict";
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { after, before, test } from "node:test";
import { Node, nodeKind } from "@atoll/api/core/node/kind";
import { Pod, podKind } from "@atoll/api/core/pod/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { SpdyConnection, type SpdyStream } from "@atoll/base/node/spdy/connection";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { TestResources } from "../test-resources.ts";
import type { Dial } from "./dial.ts";
import { hostDial } from "./host-dial.ts";

const clock = new VirtualClock();
const NEVER = new AbortController().signal;

let resources: TestResources;
before(async () => {
  resources = await TestResources.start([podKind, nodeKind] as unknown as KindDefinition[]); // as `api/kinds.ts` does
  const addresses = [{ type: "InternalIP", address: "192.0.2.7" }];
  await resources.put(Node, { metadata: { name: "n" }, spec: {}, status: { addresses } });
  const containers = [{ name: "c", image: "x" }];
  await resources.put(Pod, { metadata: { name: "web", namespace: "shop" }, spec: { nodeName: "n", containers } });
  await resources.put(Pod, { metadata: { name: "waiting", namespace: "shop" }, spec: { containers } });
  for (const resource of [Node, Pod]) await resources.table.of<Node | Pod>(resource).catchUp();
});
after(() => resources[Symbol.asyncDispose]());

/** A host that answers an upgrade and then serves streams. */
function host(serve: (streams: ReadonlyMap<string, SpdyStream>) => void): { socket: Duplex; asked: () => string } {
  const [ours, theirs] = duplexPair();
  let asked = "";
  theirs.once("data", (chunk: Buffer) => {
    theirs.pause();
    asked = chunk.toString();
    // In pieces, as networks have it.
    theirs.write("HTTP/1.1 101 Switching Proto");
    setImmediate(() => theirs.write("cols\r\nUpgrade: SPDY/3.1\r\n\r\n"));
    const streams = new Map<string, SpdyStream>();
    new SpdyConnection(theirs, {
      role: "server",
      onStream: (stream) => {
        streams.set(stream.headers.streamtype ?? "", stream);
        if (streams.size === 2) serve(streams);
      },
    });
  });
  return { socket: ours, asked: () => asked };
}

const direct: Dial = () => Promise.reject(new Error("dialled directly"));

test("a pod is reached through its host's port-forwarding", async () => {
  const { socket, asked } = host((streams) => {
    const data = streams.get("data");
    assert.equal(data?.headers.port, "8080");
    const echo = async () => {
      for await (const bytes of data?.readable ?? []) await data?.write(Buffer.from(`echo ${Buffer.from(bytes)}`));
      await data?.end();
      await streams.get("error")?.end();
    };
    // The test ends the connection.
    echo().catch(() => {});
  });
  const endpoints: unknown[] = [];
  const connect = async (to: unknown) => {
    endpoints.push(to);
    return socket;
  };
  const dial = hostDial(resources.table, { connect }, { direct, clock });
  const connection = await dial({ host: "10.1.0.7", port: 8080, pod: { namespace: "shop", name: "web" } }, NEVER);
  connection.write("hello");
  const [first] = await Array.fromAsync(connection.take(1));
  assert.equal(String(first), "echo hello");
  assert.deepEqual(endpoints, [{ host: "192.0.2.7", port: 10_250 }]);
  assert.match(asked(), /^POST \/portForward\/shop\/web HTTP\/1.1\r\nHost: 192.0.2.7:10250\r\n/);
  connection.destroy();
});

test("what the pod refuses ends the connection with the host's words", async () => {
  const { socket } = host((streams) => {
    void streams.get("error")?.write(Buffer.from("connection refused"));
    void streams.get("error")?.end();
  });
  const dial = hostDial(resources.table, { connect: async () => socket }, { direct, clock });
  const connection = await dial({ host: "10.1.0.7", port: 1, pod: { namespace: "shop", name: "web" } }, NEVER);
  await assert.rejects(Array.fromAsync(connection), /connection refused/);
});

test("what is no pod is dialled directly, and a pod without a host not at all", async () => {
  const dial = hostDial(resources.table, { connect: () => Promise.reject(new Error("no host")) }, { direct, clock });
  await assert.rejects(dial({ host: "192.0.2.1", port: 1 }, NEVER), /dialled directly/);
  const waiting = { host: "", port: 1, pod: { namespace: "shop", name: "waiting" } };
  await assert.rejects(dial(waiting, NEVER), /does not have a host assigned/);
  await assert.rejects(dial({ ...waiting, pod: { namespace: "shop", name: "gone" } }, NEVER), /"gone" not found/);
});

test("a host that hangs up in the middle of its answer is no host", { timeout: 10_000 }, async () => {
  for (const answer of ["", "HTTP/1.1 101 Switching"]) {
    const [socket, theirs] = duplexPair();
    theirs.once("data", () => theirs.end(answer));
    const dial = hostDial(resources.table, { connect: async () => socket }, { direct, clock });
    const dialling = dial({ host: "10.1.0.7", port: 1, pod: { namespace: "shop", name: "web" } }, NEVER);
    await assert.rejects(dialling, /The host has ended the connection/);
    assert.ok(socket.destroyed);
  }
});

test("a client that leaves does not wait for its host", { timeout: 10_000 }, async () => {
  const [socket] = duplexPair();
  const left = new AbortController();
  const dial = hostDial(resources.table, { connect: async () => socket }, { direct, clock });
  const dialling = dial({ host: "10.1.0.7", port: 1, pod: { namespace: "shop", name: "web" } }, left.signal);
  setImmediate(() => left.abort());
  await assert.rejects(dialling, { name: "AbortError" });
  assert.ok(socket.destroyed);
});

test("a host that takes a connection and says nothing is waited for half a minute", { timeout: 10_000 }, async () => {
  const [socket, theirs] = duplexPair();
  const dial = hostDial(resources.table, { connect: async () => socket }, { direct, clock });
  const dialling = assert.rejects(
    dial({ host: "10.1.0.7", port: 1, pod: { namespace: "shop", name: "web" } }, NEVER),
    /^Error: The host did not forward the port in time$/,
  );
  await once(theirs, "data");
  await clock.advance(30_000);
  await dialling;
  assert.ok(socket.destroyed);
});

test("a client that leaves ends what its host is still connecting", { timeout: 10_000 }, async () => {
  const left = new AbortController();
  const connecting = Promise.withResolvers<AbortSignal>();
  const connect = (_endpoint: unknown, signal: AbortSignal) => {
    connecting.resolve(signal);
    return new Promise<Duplex>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const dial = hostDial(resources.table, { connect }, { direct, clock });
  const dialling = dial({ host: "10.1.0.7", port: 1, pod: { namespace: "shop", name: "web" } }, left.signal);
  await connecting.promise;
  left.abort();
  await assert.rejects(dialling, { name: "AbortError" });
});
