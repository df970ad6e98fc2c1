import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, test } from "node:test";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { directDial } from "../outgoing/dial.ts";
import { DialingAgent } from "../outgoing/dialing-agent.ts";
import { selfSigned } from "../outgoing/test-self-signed.ts";
import { askForResources, CHECK_TIMEOUT_MS, DOCUMENT_BYTES_MAX } from "./ask-for-resources.ts";

const bounded = { timeout: 10_000 };
const PATH = "/apis/wardle.example.com/v1";

let owned: AsyncDisposableStack;
let clock: VirtualClock;
let server: Server;
let api: Parameters<typeof askForResources>[0];
/** Resolves with the next answer, when its request is there. */
let asked: Promise<[unknown, ServerResponse]>;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  clock = new VirtualClock();
  const { key, certificate } = await selfSigned();
  server = createServer({ key, cert: certificate }).listen(0, "127.0.0.1");
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port
  const dial = directDial(clock);
  const agent = new DialingAgent((signal) => dial({ host: "127.0.0.1", port }, signal), { clock, ca: certificate });
  owned.defer(() => agent.destroy());
  api = { agent, serverName: "127.0.0.1", service: { namespace: "wardle", name: "api", port: 443 } };
  asked = once(server, "request") as Promise<[unknown, ServerResponse]>; // as Node declares it
});
afterEach(() => owned.disposeAsync());

const { signal } = new AbortController();

/** Answers the request with something that does not end. */
async function halt(): Promise<ServerResponse> {
  const [, answer] = await asked;
  await new Promise((resolve) => answer.writeHead(200).write("{", resolve));
  return answer;
}

test(
  "an answer that stops in its middle is waited for until the limit, and its connection closed",
  bounded,
  async () => {
    const asking = assert.rejects(askForResources(api, PATH, { clock, signal }), /^Error: context deadline exceeded$/);
    const closed = once(await halt(), "close");
    await clock.advance(CHECK_TIMEOUT_MS);
    await asking;
    await closed;
    assert.equal(clock.pendingTimers, 0);
  },
);

test("the end of the server does not wait for an answer", bounded, async () => {
  const ending = new AbortController();
  const asking = assert.rejects(
    askForResources(api, PATH, { clock, signal: ending.signal }),
    /^Error: The server ends$/,
  );
  const closed = once(await halt(), "close");
  ending.abort(new Error("The server ends"));
  await asking;
  await closed;
});

test("an answer that is too long is not read to its end", bounded, async () => {
  const asking = assert.rejects(askForResources(api, PATH, { clock, signal }), /larger than 4194304 bytes/);
  const [, answer] = await asked;
  const closed = once(answer, "close");
  answer.writeHead(200).write(Buffer.alloc(DOCUMENT_BYTES_MAX + 1));
  await asking;
  await closed;
});
