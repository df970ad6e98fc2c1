import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { joinTunnel } from "./tunnel.ts";

/** Two connections, each with the end that the server holds and the far one: real, for what ends them is what is looked at. */
let client: readonly [Socket, Socket];
let host: readonly [Socket, Socket];
let joined: Promise<void>;

beforeEach(async () => {
  // A connection that was made ends when the other end does; one that was taken may go on.
  [client, host] = [await connectionPair({ allowHalfOpen: true }), await connectionPair({ allowHalfOpen: false })];
  const incoming = { method: "POST", rawHeaders: ["Upgrade", "SPDY/3.1", "Authorization", "Bearer x"] };
  joined = joinTunnel({
    incoming: incoming as unknown as IncomingMessage, // with all that is looked at
    ...{ socket: client[0], head: Buffer.from("head,") },
    tunnel: { host: "h:1", target: "/exec", open: async () => host[0] },
  });
});
afterEach(() => {
  for (const socket of [...client, ...host]) socket.destroy();
});

async function connectionPair(options: { readonly allowHalfOpen: boolean }): Promise<readonly [Socket, Socket]> {
  const server = createServer(options).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const accepted = once(server, "connection");
  const far = connect({ port: address.port, host: "127.0.0.1", allowHalfOpen: true });
  const [near] = (await accepted) as [Socket]; // as Node declares it
  server.close();
  // The server notices that it ends, and its errors, with some listeners of its own.
  near.on("error", () => near.destroy());
  return [near, far];
}

async function textOf(socket: Socket): Promise<string> {
  return Buffer.concat(await socket.toArray()).toString();
}

test("the request, what came with it and bytes of both ways reach the other end, each way to its own end", async () => {
  client[1].end("from the client");
  assert.equal(
    await textOf(host[1]),
    "POST /exec HTTP/1.1\r\nHost: h:1\r\nUpgrade: SPDY/3.1\r\n\r\nhead,from the client",
  );
  const answer = "a".repeat(3_000_000);
  host[1].end(answer);
  assert.equal(await textOf(client[1]), answer, "although the other way has ended before");
  await joined;
});

test("when either end is gone, so is the other", async () => {
  const ended = once(host[1], "end");
  host[1].resume();
  client[1].resetAndDestroy();
  await Promise.all([joined, ended]);
  assert.ok(client[0].destroyed && host[0].destroyed);
});

test("what the host said before it went away without an end is not waited for", async () => {
  host[1].write("some");
  await once(client[1], "data");
  const ended = once(client[1], "end");
  client[1].resume();
  host[1].resetAndDestroy();
  await Promise.all([joined, ended]);
  assert.ok(client[0].destroyed && host[0].destroyed);
});

test("a client that holds its end open when the host has ended is let go once it has read", async () => {
  const answer = "a".repeat(3_000_000);
  host[1].end(answer);
  assert.equal(await textOf(client[1]), answer);
  await joined;
  assert.ok(client[0].destroyed);
});

test("a connection is watched with few listeners: Node warns of eleven, and the server has some of its own", async () => {
  const watched = [...client, ...host].map((socket) => socket.listenerCount("close"));
  assert.ok(Math.max(...watched) <= 5, String(watched));
});
