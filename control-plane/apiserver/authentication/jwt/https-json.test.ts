// An issuer that does not do what it should, over real connections.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { describeError } from "@atoll/base/errors";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import type { KeyPairPem } from "../../key-pair.ts";
import { selfSigned } from "../../outgoing/test-self-signed.ts";
import { SilentServer } from "../../outgoing/test-silent-server.ts";
import { httpsJson } from "./https-json.ts";
import type { FetchJson } from "./issuer-keys.ts";

const bounded = { timeout: 10_000 };
const LIMIT_MS = 10_000;
const late = /no answer in 10000 ms$/;

let owned: AsyncDisposableStack;
let clock: VirtualClock;
let server: Server;
let url: string;
let fetchJson: FetchJson;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  clock = new VirtualClock();
  const { key, certificate }: KeyPairPem = await selfSigned();
  server = createServer({ key, cert: certificate }).listen(0, "127.0.0.1");
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`; // it listens on a port
  fetchJson = httpsJson(certificate, clock);
});
afterEach(() => owned.disposeAsync());

async function nextAnswer(): Promise<ServerResponse> {
  const [, answer] = (await once(server, "request")) as [unknown, ServerResponse]; // as Node declares it
  return answer;
}

function rejects(fetching: Promise<unknown>, expected: RegExp): Promise<void> {
  return assert.rejects(fetching, (error) => expected.test(describeError(error)));
}

test("a document is fetched, and an error is told with its status", bounded, async () => {
  const fetched = fetchJson(url);
  (await nextAnswer()).end('{"keys":[]}');
  assert.deepEqual(await fetched, { keys: [] });
  const refused = rejects(fetchJson(url), /status 404$/);
  (await nextAnswer()).writeHead(404).end();
  await refused;
});

test("an issuer that never greets back is let go", bounded, async () => {
  const silent = owned.use(await SilentServer.listen());
  const fetching = rejects(fetchJson(`https://127.0.0.1:${silent.port}/`), late);
  const closed = once(await silent.nextSpoken(), "close");
  await clock.advance(LIMIT_MS);
  await fetching;
  await closed;
});

test("a document that comes a byte at a time has as long as any other", bounded, async () => {
  const fetching = rejects(fetchJson(url), late);
  const answer = await nextAnswer();
  const closed = once(answer, "close");
  answer.writeHead(200);
  for (let second = 0; second < LIMIT_MS; second += 1000) {
    await new Promise((resolve) => answer.write(" ", resolve));
    await clock.advance(1000);
  }
  await fetching;
  await closed;
});

test("what is too long, or in another protocol, is no document", bounded, async () => {
  const long = rejects(fetchJson(url), /larger than 1048576 bytes$/);
  (await nextAnswer()).writeHead(200).write(Buffer.alloc(1024 * 1024 + 1));
  await long;
  const other = rejects(fetchJson(url), /EOF$/);
  (await nextAnswer()).writeHead(101, { connection: "upgrade", upgrade: "x" }).end();
  await other;
});
