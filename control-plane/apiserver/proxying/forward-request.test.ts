// Requests sent on over real connections to a server that is slow, or no server any more.

import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { directDial } from "../outgoing/dial.ts";
import type { ApiRequest } from "../request/request.ts";
import { forwardRequest } from "./forward-request.ts";

const bounded = { timeout: 10_000 };
const PIECE = Buffer.alloc(256 * 1024);
const STALL_MS = 30_000;

let clock: VirtualClock;
let backend: Server;
let asked: Promise<[IncomingMessage, ServerResponse]>;
let sent: ClientRequest;
const onRequest = (message: unknown) => {
  sent = (message as { request: ClientRequest }).request; // as Node documents it
};

beforeEach(async () => {
  clock = new VirtualClock();
  backend = createServer().listen(0, "127.0.0.1");
  await once(backend, "listening");
  asked = once(backend, "request") as typeof asked; // as Node declares it
  subscribe("http.client.request.start", onRequest);
});
afterEach(() => {
  unsubscribe("http.client.request.start", onRequest);
  backend.closeAllConnections();
  backend.close();
});

function forward(
  body: AsyncIterable<Uint8Array>,
  { open = dialBackend, signal = new AbortController().signal } = {},
): Promise<IncomingMessage> {
  const request: ApiRequest = {
    ...{ method: "POST", target: "/", headers: { "transfer-encoding": "chunked" }, signal },
    ...{ wantsUpgrade: false, transportUser: undefined },
    body: { stream: () => body, read: () => assert.fail("It is only handed on") },
  };
  return forwardRequest({ request, path: "/", headers: {}, connection: { open }, signal, clock });
}

function dialBackend(signal: AbortSignal): Promise<Duplex> {
  const { port } = backend.address() as AddressInfo; // it listens on a port
  return directDial(clock)({ host: "127.0.0.1", port }, signal);
}

async function* upload(pieces: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < pieces; index++) yield PIECE;
}

test("a long upload to a slow reader collects no listeners", bounded, async () => {
  const answering = forward(upload(40));
  const [incoming, outgoing] = await asked;
  for await (const _ of incoming) await new Promise((resolve) => setImmediate(resolve));
  outgoing.end();
  const answer = await answering;
  assert.equal(answer.statusCode, 200);
  const watched = sent.listenerCount("close");
  assert.ok(watched <= 5, String(watched));
});

test("a backend that takes no more of an upload is let go", bounded, async ({ signal }) => {
  let hasFailed = false;
  const failing = assert.rejects(forward(upload(1000)), { reason: "ServiceUnavailable" }).then(() => {
    hasFailed = true;
  });
  const [incoming] = await asked;
  const closed = new Promise((resolve) => incoming.socket.once("close", resolve));
  // What the network itself holds is taken meanwhile.
  while (!hasFailed && !signal.aborted) await clock.advance(STALL_MS);
  await failing;
  // Who does not read does not see the end either.
  incoming.resume();
  await closed;
});

test("a client that leaves does not wait for a connection, and one that comes later is closed", bounded, async () => {
  const left = new AbortController();
  const opened = Promise.withResolvers<Duplex>();
  const failing = assert.rejects(forward(upload(0), { open: () => opened.promise, signal: left.signal }));
  left.abort();
  await failing;
  const [ours] = duplexPair();
  const closed = once(ours, "close");
  opened.resolve(ours);
  await closed;
});
