import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "@atoll/api/coordination/lease/kind";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "../client/memory-api.ts";
import type { Client } from "../client/client.ts";
import { ApiError } from "../object/api-error.ts";
import { runAsLeader } from "./leader-election.ts";

const lease = { namespace: "kube-system", name: "controllers" };

class Copy {
  isWorking = false;
  readonly stop = new AbortController();
  readonly done: Promise<void>;

  constructor(client: Client, clock: VirtualClock, identity: string) {
    const options = { client, clock, random: seededRandom(1), log: silentLogger, lease, identity };
    this.done = runAsLeader(options, (signal) => this.#work(signal), this.stop.signal);
  }

  async #work(signal: AbortSignal): Promise<void> {
    this.isWorking = true;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    this.isWorking = false;
  }
}

/** A client whose server can be taken away. */
function breakable(client: Client): { readonly client: Client; isBroken: boolean } {
  const state = {
    isBroken: false,
    client: new Proxy(client, {
      get: (target, name) =>
        state.isBroken
          ? () => Promise.reject(new ApiError("ServiceUnavailable", "There is no server"))
          : Reflect.get(target, name).bind(target),
    }),
  };
  return state;
}

test("one of two copies works, and the other one when it has ended", async () => {
  const clock = new VirtualClock();
  const api = new MemoryApi({ clock, random: seededRandom(2) });
  const first = new Copy(api, clock, "first");
  await clock.advance(0);
  const second = new Copy(api, clock, "second");
  await clock.advance(60_000);
  assert.deepEqual([first.isWorking, second.isWorking], [true, false]);
  first.stop.abort();
  await first.done;
  assert.equal((await api.get(Lease, lease)).spec.holderIdentity, undefined);
  await clock.advance(3_000);
  assert.deepEqual([first.isWorking, second.isWorking], [false, true]);
  const { spec } = await api.get(Lease, lease);
  assert.deepEqual([spec.holderIdentity, spec.leaseDurationSeconds, spec.leaseTransitions], ["second", 15, 1]);
  second.stop.abort();
  await second.done;
});

test("a copy that loses the API stops working before another one begins", async () => {
  const clock = new VirtualClock();
  const api = new MemoryApi({ clock, random: seededRandom(2) });
  const broken = breakable(api);
  const first = new Copy(broken.client, clock, "first");
  await clock.advance(4_000);
  const second = new Copy(api, clock, "second");
  await clock.advance(4_000);
  broken.isBroken = true;
  let bothMs = 0;
  for (let ms = 0; ms < 30_000; ms += 500) {
    await clock.advance(500);
    if (first.isWorking && second.isWorking) bothMs += 500;
    if (ms === 5_000) assert.equal(first.isWorking, true);
  }
  assert.equal(bothMs, 0);
  assert.deepEqual([first.isWorking, second.isWorking], [false, true]);
  broken.isBroken = false;
  await clock.advance(10_000);
  assert.deepEqual([first.isWorking, second.isWorking], [false, true]);
  for (const copy of [first, second]) copy.stop.abort();
  await Promise.all([first.done, second.done]);
});
