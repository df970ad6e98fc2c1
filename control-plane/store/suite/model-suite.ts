// Random work on a maker, compared step by step with the model: transactions alone and in crowds, reads of every revision,
// compactions, leases on a virtual clock, watches from anywhere read at any pace, and the store opened again. One seed
// decides everything, and a failure names it.

import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { type Random, seededRandom } from "@atoll/base/random";
import { isInRange } from "../key-order.ts";
import {
  type KeyRange,
  prefixEnd,
  type Store,
  StoreError,
  type StoreErrorCode,
  type StoreEvent,
  type Transaction,
  type WriteOperation,
} from "../store.ts";
import { encode } from "./store-calls.ts";
import type { StoreMaker, StoreMedium } from "./store-medium.ts";
import { StoreModel } from "./store-model.ts";

/** Few keys, so that they meet often; neighbours in order, prefixes of each other, and beyond what UTF-16 orders right. */
const KEYS = ["a", "a\0", "a/", "a/b", "a/c", "b", "é", "\uFFFD", "\u{1F600}", "\u{1F600}/x"];

const LEASE_SECONDS = 5;

/** Where a server's clock ends leases: longer than any run. */
const SERVER_LEASE_SECONDS = 3600;

/** No maker grants it. */
const NO_LEASE = 2 ** 50;

export interface ModelOptions {
  /** Each seed is one test. */
  readonly seeds: readonly number[];
  readonly steps: number;
}

export function testStoreModel(name: string, make: StoreMaker, { seeds, steps }: ModelOptions): void {
  for (const seed of seeds) {
    test(`${name} store does what the model does, seed ${seed}`, async () => {
      await using medium = await make();
      const run = new ModelRun(medium, seededRandom(seed));
      try {
        await run.start();
        for (let step = 0; step < steps; step++) await run.step();
        await run.finish();
      } catch (cause) {
        throw new Error(`Store differs from the model, seed ${seed}, last steps: ${run.lastSteps()}`, { cause });
      }
    });
  }
}

/**
 * New seeds in every run, or the one that STORE_SEED names, to see a failure again:
 * `STORE_SEED=1234 node --test control-plane/store/sqlite/sqlite-store.test.ts`.
 */
export function testSeeds(count: number): number[] {
  const named = process.env.STORE_SEED;
  return named === undefined ? Array.from(crypto.getRandomValues(new Uint32Array(count))) : [Number(named)];
}

interface RunningWatch {
  readonly range: KeyRange;
  readonly fromRevision: number;
  readonly aborter: AbortController;
  readonly events: StoreEvent[];
  /** Revision up to which the watch says it is complete. */
  position: number;
  readonly done: Promise<StoreErrorCode | undefined>;
  /** While set, the reader does not ask for more. */
  pause: PromiseWithResolvers<void> | undefined;
}

class ModelRun {
  readonly #medium: StoreMedium;
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #model = new StoreModel();
  readonly #journal: string[] = [];
  readonly #granted: number[] = [];
  readonly #leaseEndsMs = new Map<number, number>();
  #store!: Store;
  #watches: RunningWatch[] = [];
  #writes = 0;

  constructor(medium: StoreMedium, random: Random) {
    this.#medium = medium;
    this.#random = random;
  }

  async start(): Promise<void> {
    this.#store = await this.#medium.open(this.#clock);
  }

  async step(): Promise<void> {
    const dice = this.#random.float();
    if (dice < 0.4) await this.#transactTogether(1);
    else if (dice < 0.5) await this.#transactTogether(2 + this.#below(10));
    else if (dice < 0.7) await this.#read();
    else if (dice < 0.78) this.#startWatch();
    else if (dice < 0.84) await this.#stopWatch();
    else if (dice < 0.88) await this.#compact();
    else if (dice < 0.92) await this.#grantLease();
    else if (dice < 0.94) await this.#revokeLease();
    else if (dice < 0.98) await this.#passTime();
    else await this.#reopen();
  }

  async finish(): Promise<void> {
    while (this.#watches.length > 0) await this.#stopWatch();
    await this.#store[Symbol.asyncDispose]();
  }

  lastSteps(): string {
    return this.#journal.slice(-15).join("; ");
  }

  async #transactTogether(count: number): Promise<void> {
    const transactions = Array.from({ length: count }, () => this.#randomTransaction());
    const transact = (transaction: Transaction) => this.#store.transact(transaction).catch((error) => codeOf(error));
    const results = this.#medium.isServer
      ? await Array.fromAsync(transactions, transact)
      : await Promise.all(transactions.map(transact));
    this.#note(`transact ${count}`);
    transactions.forEach((transaction, index) => {
      assert.deepEqual(results[index], this.#model.transact(transaction));
    });
  }

  #randomTransaction(): Transaction {
    const compares = this.#some(KEYS, 2).map((key) => ({
      key,
      modRevision: this.#chance(0.9) ? (this.#model.state.get(key)?.modRevision ?? 0) : this.#below(10),
    }));
    const writes = this.#some(KEYS, 4).map((key): WriteOperation => {
      if (this.#chance(0.3)) return { type: "delete", key };
      const lease = this.#chance(0.2) ? this.#anyLease() : 0;
      return { type: "put", key, value: encode(`${this.#writes++}`), lease };
    });
    return { compares, writes };
  }

  async #read(): Promise<void> {
    const range = this.#randomRange();
    const revision = this.#chance(0.5) ? undefined : this.#below(this.#model.revision + 3);
    const options = {
      limit: this.#below(5),
      countOnly: this.#chance(0.2),
      ...(revision === undefined ? {} : { revision }),
    };
    this.#note(`read ${JSON.stringify({ range, options })}`);
    const code = this.#model.rangeError(revision ?? this.#model.revision);
    // The empty store may stay readable.
    if (code === "Compacted" && revision === 1) return;
    if (code) await assert.rejects(this.#store.range(range, options), { code });
    else assert.deepEqual(await this.#store.range(range, options), this.#model.range(range, options));
    assert.equal(await this.#store.currentRevision(), this.#model.revision);
  }

  #startWatch(): void {
    const range = this.#randomRange();
    const isFromNow = this.#chance(0.3);
    const fromRevision = isFromNow ? this.#model.revision + 1 : 1 + this.#below(this.#model.revision + 2);
    const paceSeed = this.#below(2 ** 32);
    const aborter = new AbortController();
    const batches = this.#store.watch(range, isFromNow ? {} : { fromRevision }, aborter.signal);
    const watch: RunningWatch = {
      range,
      fromRevision,
      aborter,
      events: [],
      position: fromRevision - 1,
      pause: undefined,
      // The reader's pace has dice of its own, so that the steps do not depend on how promises happen to interleave.
      done: Promise.resolve().then(() => readWatch(watch, batches, seededRandom(paceSeed))),
    };
    this.#note(`watch ${JSON.stringify({ range, fromRevision })}`);
    this.#watches.push(watch);
  }

  async #stopWatch(): Promise<void> {
    const [watch] = this.#watches.splice(this.#below(this.#watches.length), 1);
    if (!watch) return;
    this.#note(`stop ${JSON.stringify({ range: watch.range, fromRevision: watch.fromRevision })}`);
    let isDone = false;
    const setDone = () => {
      isDone = true;
    };
    watch.done.then(setDone, setDone);
    while (!isDone && watch.position < this.#model.revision) {
      resume(watch);
      await nextTurn();
    }
    watch.aborter.abort();
    resume(watch);
    this.#checkWatch(watch, await watch.done);
  }

  #checkWatch({ range, fromRevision, events, position }: RunningWatch, code: StoreErrorCode | undefined): void {
    const expected = this.#model.events.filter(
      ({ key, revision }) => revision >= fromRevision && revision <= position && isInRange(key, range),
    );
    assert.deepEqual(events, expected);
    if (code === "Compacted") assert(position + 1 < this.#model.compacted);
    else if (code !== "Closed") assert(code === undefined && position >= this.#model.revision);
  }

  async #compact(): Promise<void> {
    const revision = 1 + this.#below(this.#model.revision);
    this.#note(`compact ${revision}`);
    await this.#store.compact(revision);
    this.#model.compacted = Math.max(this.#model.compacted, revision);
  }

  async #grantLease(): Promise<void> {
    const ttlSeconds = this.#medium.isServer ? SERVER_LEASE_SECONDS : LEASE_SECONDS;
    const { id } = await this.#store.grantLease(ttlSeconds);
    this.#note(`grant ${id}`);
    this.#model.leases.add(id);
    this.#granted.push(id);
    this.#leaseEndsMs.set(id, this.#clock.now() + LEASE_SECONDS * 1000);
  }

  async #revokeLease(): Promise<void> {
    const id = this.#anyLease();
    this.#note(`revoke ${id}`);
    if (!this.#model.leases.has(id)) return assert.rejects(this.#store.revokeLease(id), { code: "LeaseNotFound" });
    await this.#store.revokeLease(id);
    this.#leaseEndsMs.delete(id);
    this.#model.endLease(id);
  }

  async #passTime(): Promise<void> {
    if (this.#medium.isServer) return;
    this.#note("pass time");
    await this.#clock.advance(1000 * this.#below(4));
    for (const [id, endMs] of this.#leaseEndsMs) {
      if (endMs > this.#clock.now()) continue;
      this.#leaseEndsMs.delete(id);
      this.#model.endLease(id);
      // Until the store has ended it, a put with this lease is allowed: only a revoked lease is known to be gone.
      while (
        await this.#store.revokeLease(id).then(
          () => true,
          () => false,
        )
      )
        await nextTurn();
    }
  }

  async #reopen(): Promise<void> {
    if (!this.#medium.persists) return;
    this.#note("reopen");
    await this.#store[Symbol.asyncDispose]();
    for (const watch of this.#watches) {
      resume(watch);
      this.#checkWatch(watch, (await watch.done) ?? "Closed");
    }
    this.#watches = [];
    this.#store = await this.#medium.open(this.#clock);
    for (const id of this.#leaseEndsMs.keys()) this.#leaseEndsMs.set(id, this.#clock.now() + LEASE_SECONDS * 1000);
    assert.equal(await this.#store.currentRevision(), this.#model.revision);
  }

  /** One that was granted, whether it still exists or not, or one that never was. */
  #anyLease(): number {
    return this.#pick([...this.#granted, NO_LEASE]) ?? NO_LEASE;
  }

  #randomRange(): KeyRange {
    const start = this.#pick(KEYS) ?? "a";
    const dice = this.#random.float();
    if (dice < 0.25) return { start };
    if (dice < 0.5) return { start, end: prefixEnd(start) };
    return dice < 0.75 ? { start, end: this.#pick(KEYS) ?? "a" } : { start: "", end: prefixEnd("") };
  }

  #some(keys: readonly string[], most: number): string[] {
    return [...new Set(Array.from({ length: this.#below(most + 1) }, () => this.#pick(keys) ?? "a"))];
  }

  #pick<T>(things: readonly T[]): T | undefined {
    return things[this.#below(things.length)];
  }

  #below(limit: number): number {
    return Math.floor(this.#random.float() * limit);
  }

  #chance(probability: number): boolean {
    return this.#random.float() < probability;
  }

  #note(step: string): void {
    this.#journal.push(`${step} @${this.#model.revision}`);
  }
}

async function readWatch(
  watch: RunningWatch,
  batches: ReturnType<Store["watch"]>,
  pace: Random,
): Promise<StoreErrorCode | undefined> {
  try {
    for await (const { events, revision } of batches) {
      for (const event of events) assert(event.revision > watch.position && event.revision <= revision);
      assert(revision > watch.position);
      watch.events.push(...events);
      watch.position = revision;
      if (pace.float() < 0.3) watch.pause = Promise.withResolvers<void>();
      await watch.pause?.promise;
    }
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function resume(watch: RunningWatch): void {
  watch.pause?.resolve();
  watch.pause = undefined;
}

function codeOf(error: unknown): StoreErrorCode {
  if (error instanceof StoreError) return error.code;
  throw error;
}
