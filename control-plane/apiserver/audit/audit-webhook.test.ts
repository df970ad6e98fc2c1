import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { AuditWebhook, type AuditWebhookOptions } from "./audit-webhook.ts";
import { EventPoster } from "./post-events.ts";

const SECOND_MS = 1000;

/** A receiver that keeps what it takes, and refuses as long as it is told to. */
class Receiver {
  readonly clock = new VirtualClock();
  readonly batches: number[][] = [];
  calls = 0;
  isAway = false;

  open(limits: Partial<AuditWebhookOptions> = {}): AuditWebhook {
    return new AuditWebhook({
      send: async (body) => {
        this.calls++;
        if (this.isAway) throw new Error("away");
        const { kind, apiVersion, items } = JSON.parse(Buffer.from(body).toString());
        assert.deepEqual([kind, apiVersion], ["EventList", "audit.k8s.io/v1"]);
        this.batches.push(items.map(({ n }: { n: number }) => n));
      },
      bufferEventsMax: 100,
      batchEventsMax: 3,
      batchWaitMs: 30 * SECOND_MS,
      clock: this.clock,
      random: seededRandom(1),
      log: silentLogger,
      ...limits,
    });
  }
}

function writeAll(webhook: AuditWebhook, ...numbers: readonly number[]): void {
  for (const n of numbers) webhook.write(JSON.stringify({ n }));
}

test("a full batch goes at once, another when its first event has waited", async () => {
  const receiver = new Receiver();
  await using webhook = receiver.open();
  writeAll(webhook, 1, 2, 3, 4);
  await receiver.clock.advance(0);
  assert.deepEqual(receiver.batches, [[1, 2, 3]]);
  await receiver.clock.advance(29 * SECOND_MS);
  assert.equal(receiver.batches.length, 1);
  await receiver.clock.advance(2 * SECOND_MS);
  assert.deepEqual(receiver.batches, [[1, 2, 3], [4]]);
  assert.deepEqual(webhook.counts, { written: 4, dropped: 0 });
});

test("a receiver that is away gets the batch when it is back", async () => {
  const receiver = new Receiver();
  await using webhook = receiver.open();
  receiver.isAway = true;
  writeAll(webhook, 1, 2, 3);
  await receiver.clock.advance(20 * SECOND_MS);
  receiver.isAway = false;
  await receiver.clock.advance(60 * SECOND_MS);
  assert.deepEqual(receiver.batches, [[1, 2, 3]]);
  assert.deepEqual(webhook.counts, { written: 3, dropped: 0 });
});

test("what is refused five times is lost and counted, and the next batch is tried", async () => {
  const receiver = new Receiver();
  await using webhook = receiver.open();
  receiver.isAway = true;
  writeAll(webhook, 1, 2, 3);
  await receiver.clock.advance(200 * SECOND_MS);
  assert.equal(receiver.calls, 5);
  receiver.isAway = false;
  writeAll(webhook, 4, 5, 6);
  await receiver.clock.advance(0);
  assert.deepEqual(receiver.batches, [[4, 5, 6]]);
  assert.deepEqual(webhook.counts, { written: 3, dropped: 3 });
});

test("events beyond the buffer are lost and counted", async () => {
  const receiver = new Receiver();
  await using webhook = receiver.open({ bufferEventsMax: 4, batchEventsMax: 10 });
  writeAll(webhook, 1, 2, 3, 4, 5, 6);
  await receiver.clock.advance(31 * SECOND_MS);
  assert.deepEqual(receiver.batches, [[1, 2, 3, 4]]);
  assert.deepEqual(webhook.counts, { written: 4, dropped: 2 });
});

test("what waits at the end is sent, once", async () => {
  const receiver = new Receiver();
  const webhook = receiver.open();
  writeAll(webhook, 1);
  await webhook[Symbol.asyncDispose]();
  assert.deepEqual(receiver.batches, [[1]]);
  const refused = new Receiver();
  refused.isAway = true;
  const other = refused.open();
  writeAll(other, 1);
  await other[Symbol.asyncDispose]();
  assert.equal(refused.calls, 1);
  assert.deepEqual(other.counts, { written: 0, dropped: 1 });
});

test("a receiver that never answers does not hold up the end", async () => {
  const receiver = new Receiver();
  const webhook = receiver.open({
    send: (_body, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  writeAll(webhook, 1, 2, 3);
  await receiver.clock.advance(0);
  const ended = webhook[Symbol.asyncDispose]();
  await receiver.clock.advance(11 * SECOND_MS);
  await ended;
  assert.deepEqual(webhook.counts, { written: 0, dropped: 3 });
});

test("batches travel as POST, with the credentials of the kubeconfig", async () => {
  const seen: unknown[] = [];
  const answers = [500, 200];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    seen.push([request.method, request.url, request.headers.authorization, request.headers["content-type"], text]);
    response.writeHead(answers.shift() ?? 200).end("not now");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo; // it listens on a port
    const origin = `http://127.0.0.1:${port}`;
    const access = { server: `${origin}/events?from=here`, namespace: "default", token: () => "secret" };
    using poster = new EventPoster(access, systemClock);
    const { signal } = new AbortController();
    await assert.rejects(poster.send(Buffer.from("{}"), signal), new Error(`${origin} answered 500: not now`));
    await poster.send(Buffer.from("[1]"), signal);
    const head = ["POST", "/events?from=here", "Bearer secret", "application/json"];
    assert.deepEqual(seen, [
      [...head, "{}"],
      [...head, "[1]"],
    ]);
  } finally {
    server.close();
  }
});
