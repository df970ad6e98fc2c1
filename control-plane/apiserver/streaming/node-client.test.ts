// Hosts that take connections and do not do what they should, over real ones.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import type { KeyPairPem } from "../key-pair.ts";
import { selfSigned } from "../outgoing/test-self-signed.ts";
import { SilentServer } from "../outgoing/test-silent-server.ts";
import { NodeClient } from "./node-client.ts";

const bounded = { timeout: 10_000 };
const NEVER = new AbortController().signal;
const CONNECTIONS_MAX = 256;

let owned: AsyncDisposableStack;
let clock: VirtualClock;
let keyPair: KeyPairPem;
let client: NodeClient;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  clock = new VirtualClock();
  keyPair = await selfSigned();
  client = owned.use(new NodeClient({ authorityPem: keyPair.certificate, keyPair, clock }));
});
afterEach(() => owned.disposeAsync());

test("a host that says nothing is let go after ten seconds, and with the client", bounded, async () => {
  const host = owned.use(await SilentServer.listen());
  const endpoint = { host: "127.0.0.1", port: host.port };
  const ways = {
    connect: (signal: AbortSignal) => client.connect(endpoint, signal),
    get: (signal: AbortSignal) => client.get(endpoint, "/", signal),
  };
  const ends = [() => clock.advance(10_000), async (left: AbortController) => left.abort()];
  for (const ask of Object.values(ways)) {
    for (const end of ends) {
      const left = new AbortController();
      const asking = assert.rejects(ask(left.signal), { reason: "ServiceUnavailable" });
      const closed = once(await host.nextSpoken(), "close");
      await end(left);
      await asking;
      await closed;
    }
  }
});

test("who stands in line for a connection may leave, and has no longer than others", bounded, async () => {
  const host = owned.use(await SilentServer.listen());
  const endpoint = { host: "127.0.0.1", port: host.port };
  const failed = { reason: "ServiceUnavailable" };
  const first = host.nextSpoken();
  const asking = Array.from({ length: CONNECTIONS_MAX }, () =>
    assert.rejects(client.get(endpoint, "/", NEVER), failed),
  );
  await first;
  const left = new AbortController();
  const leaving = assert.rejects(client.get(endpoint, "/", left.signal), failed);
  const staying = assert.rejects(client.get(endpoint, "/", NEVER), failed);
  left.abort();
  await leaving;
  await clock.advance(10_000);
  await Promise.all([...asking, staying]);
});

test("a refusal that does not end is told as far as it came", bounded, async () => {
  const server = createServer({ key: keyPair.key, cert: keyPair.certificate }).listen(0, "127.0.0.1");
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  const asking = assert.rejects(client.get({ host: "127.0.0.1", port }, "/", NEVER), { code: 404, message: "no such" });
  const [, answer] = (await once(server, "request")) as [unknown, ServerResponse]; // as Node declares it
  const closed = once(answer, "close");
  await new Promise((resolve) => answer.writeHead(404).write("no such", resolve));
  while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(10_000);
  await asking;
  await closed;
});
