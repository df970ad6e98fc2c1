// Calls that never come to a connection. What happens on one stands in `bin/webhooks.test.ts`, where certificates are at hand.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type Duplex, duplexPair } from "node:stream";
import { afterEach, beforeEach, test } from "node:test";
import { endpointsKind } from "@atoll/api/core/endpoints/kind";
import { serviceKind } from "@atoll/api/core/service/kind";
import { endpointSliceKind } from "@atoll/api/discovery/endpoint-slice/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { TestResources } from "../test-resources.ts";
import { type Dial, directDial } from "./dial.ts";
import { CallError, HttpsCaller } from "./https-caller.ts";
import { ServiceAddresses } from "./service-addresses.ts";
import { SilentServer } from "./test-silent-server.ts";

const LIMIT_MS = 5000;
const LONG_MS = 30_000;
const call = { body: Buffer.from("{}"), timeoutMs: LIMIT_MS, answerBytesMax: 1000 };
/** Of a test; without an end of the call there would be none. */
const bounded = { timeout: 10_000 };

let owned: AsyncDisposableStack;
let clock: VirtualClock;
let server: SilentServer;
let addresses: ServiceAddresses;

beforeEach(async () => {
  owned = new AsyncDisposableStack();
  clock = new VirtualClock();
  server = owned.use(await SilentServer.listen());
  const kinds = [serviceKind, endpointSliceKind, endpointsKind] as unknown as KindDefinition[]; // as `api/kinds.ts` does
  addresses = new ServiceAddresses(owned.use(await TestResources.start(kinds)).table, seededRandom(1));
});
afterEach(() => owned.disposeAsync());

function callerOf(dial: Dial = directDial(clock)): HttpsCaller {
  return owned.use(new HttpsCaller({ dial, addresses, clock }));
}

/** Resolves with the failure. */
function post(caller: HttpsCaller, more: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<CallError> {
  const target = { url: `https://127.0.0.1:${server.port}/hook`, authorityPem: undefined };
  return caller.post(target, { ...call, ...more }).then(
    () => assert.fail("It was answered"),
    (error: unknown) => {
      assert.ok(error instanceof CallError);
      return error;
    },
  );
}

test(
  "a server that takes a connection and says nothing is waited for until the call's limit, and let go",
  bounded,
  async () => {
    const failing = post(callerOf());
    const closed = once(await server.nextSpoken(), "close");
    await clock.advance(LIMIT_MS);
    const { isTimeout, message } = await failing;
    assert.match(message, /hook\?timeout=5s": context deadline exceeded$/);
    assert.ok(isTimeout);
    await closed;
    assert.equal(clock.pendingTimers, 0);
  },
);

test("a handshake has a limit of its own", bounded, async () => {
  const failing = post(callerOf(), { timeoutMs: LONG_MS });
  const closed = once(await server.nextSpoken(), "close");
  await clock.advance(LONG_MS - 1);
  const { isTimeout, message } = await failing;
  assert.match(message, /: net\/http: TLS handshake timeout$/);
  assert.ok(!isTimeout);
  await closed;
});

test("a dial is told that nobody waits for it any more", bounded, async () => {
  const told = Promise.withResolvers<void>();
  const caller = callerOf(
    (_backend, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          told.resolve();
          reject(signal.reason);
        });
      }),
  );
  const failing = post(caller);
  await clock.advance(LIMIT_MS);
  assert.ok((await failing).isTimeout);
  await told.promise;
});

test("what a dial gives when nobody waits for it any more is closed", bounded, async () => {
  const dialled = Promise.withResolvers<Duplex>();
  const failing = post(callerOf(() => dialled.promise));
  await clock.advance(LIMIT_MS);
  assert.ok((await failing).isTimeout);
  const [ours] = duplexPair();
  const closed = once(ours, "close");
  dialled.resolve(ours);
  await closed;
});

test("a client that leaves, and the caller's own end, end what is on its way", bounded, async () => {
  const left = new AbortController();
  const caller = callerOf();
  const ends = [() => left.abort(), () => caller[Symbol.dispose]()];
  for (const end of ends) {
    const failing = post(caller, { signal: left.signal.aborted ? new AbortController().signal : left.signal });
    const closed = once(await server.nextSpoken(), "close");
    end();
    assert.equal((await failing).isTimeout, false);
    await closed;
  }
});
