// A receiver that does not do what it should, over real connections.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { SilentServer } from "../outgoing/test-silent-server.ts";
import { EventPoster } from "./post-events.ts";

const bounded = { timeout: 10_000 };
const NEVER = new AbortController().signal;
const LIMIT_MS = 30_000;
const late = /no answer in 30000 ms/;

let owned: AsyncDisposableStack;
let clock: VirtualClock;

beforeEach(() => {
  owned = new AsyncDisposableStack();
  clock = new VirtualClock();
});
afterEach(() => owned.disposeAsync());

function posterTo(server: string): EventPoster {
  return owned.use(new EventPoster({ server, namespace: "default" }, clock));
}

async function receiver(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer().listen(0, "127.0.0.1");
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }; // it listens on a port
}

async function nextAnswer(server: Server): Promise<ServerResponse> {
  const [, answer] = (await once(server, "request")) as [unknown, ServerResponse]; // as Node declares it
  return answer;
}

test("a receiver that never greets back is let go after the limit, and with the sender", bounded, async () => {
  const silent = owned.use(await SilentServer.listen());
  const poster = posterTo(`https://127.0.0.1:${silent.port}`);
  const ending = new AbortController();
  const cases = [
    [() => clock.advance(LIMIT_MS), late],
    [async () => ending.abort(new Error("The server ends")), /The server ends/],
  ] as const;
  for (const [end, expected] of cases) {
    const sending = assert.rejects(poster.send(Buffer.from("{}"), ending.signal), expected);
    const closed = once(await silent.nextSpoken(), "close");
    await end();
    await sending;
    await closed;
  }
});

test("a refusal that stops in its middle is waited for until the limit", bounded, async () => {
  const { server, url } = await receiver();
  const sending = assert.rejects(posterTo(url).send(Buffer.from("{}"), NEVER), late);
  const answer = await nextAnswer(server);
  const closed = once(answer, "close");
  await new Promise((resolve) => answer.writeHead(500).write("no", resolve));
  await clock.advance(LIMIT_MS);
  await sending;
  await closed;
});

test("an answer without end is read as far as is needed", bounded, async () => {
  const { server, url } = await receiver();
  const sending = posterTo(url).send(Buffer.from("{}"), NEVER);
  const answer = await nextAnswer(server);
  const closed = once(answer, "close");
  const piece = Buffer.alloc(256 * 1024);
  const pour = () => {
    while (!answer.destroyed && answer.write(piece));
  };
  answer.writeHead(200).on("drain", pour);
  pour();
  await sending;
  await closed;
});

test("a receiver that changes the protocol unasked is no receiver", bounded, async () => {
  const { server, url } = await receiver();
  const sending = assert.rejects(posterTo(url).send(Buffer.from("{}"), NEVER), /EOF/);
  (await nextAnswer(server)).writeHead(101, { connection: "upgrade", upgrade: "x" }).end();
  await sending;
});
