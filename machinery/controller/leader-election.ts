// Of several copies of a program one works: the one that holds a Lease. The rules are those of client-go, so that copies of
// either kind could compete: the holder renews it, another one takes it over when it has not seen it change for as long as
// it lasts, by its own clock, for clocks of two machines do not agree.

import { Lease } from "@atoll/api/coordination/lease/kind";
import { type Clock, formatMicroTime } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import { ApiError, hasReason } from "../object/api-error.ts";
import type { Client } from "../client/client.ts";

/** How long others wait before they take over. */
const LEASE_SECONDS = 15;

/** A holder that could not renew for so long stops working, well before others may begin. */
const RENEW_DEADLINE_MS = 10_000;

/** Between two tries, to renew or to acquire; the latter up to a fifth longer, so that copies do not try at once. */
const RETRY_MS = 2_000;
const JITTER = 0.2;

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Of this copy, unlike every other one's, also its own after a restart. */
  readonly identity: string;
}

/**
 * Does the work whenever this copy holds the Lease, until the signal aborts; `work` must end soon after its own signal has.
 * The Lease is given back at the end, so that another copy need not wait.
 */
export async function runAsLeader(
  options: LeaderElectionOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log, identity } = options;
  const claim = new LeaseClaim(options);
  while (!signal.aborted) {
    if (await claim.tryToHold(signal)) {
      log.info("Holds the lease and works", { identity });
      await workWhileHeld(options, claim, work, signal);
      if (!signal.aborted) log.error("Lost the lease and does not work", { identity });
    }
    // The only rejection is the signal's, on which the loop ends.
    await clock.sleep(RETRY_MS * (1 + random.float() * JITTER), signal).catch(() => {});
  }
  await claim.giveBack();
}

async function workWhileHeld(
  { clock }: LeaderElectionOptions,
  claim: LeaseClaim,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const lost = new AbortController();
  const holding = AbortSignal.any([signal, lost.signal]);
  const working = work(holding);
  const ended = working.then(
    () => lost.abort(),
    () => lost.abort(),
  );
  let renewedMs = clock.monotonicMs();
  while (!holding.aborted) {
    await clock.sleep(RETRY_MS, holding).catch(() => {});
    if (holding.aborted) break;
    if (await claim.tryToHold(holding)) renewedMs = clock.monotonicMs();
    else if (clock.monotonicMs() - renewedMs >= RENEW_DEADLINE_MS) lost.abort();
  }
  await ended;
  // What the work threw is the caller's.
  await working;
}

class LeaseClaim {
  readonly #options: LeaderElectionOptions;
  /** What was seen last, and since when it has been so. */
  #seen = "";
  #seenSinceMs = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  /** Acquires or renews. False: somebody else has it, or the API server could not be asked. */
  async tryToHold(signal: AbortSignal): Promise<boolean> {
    const { client, log, lease } = this.#options;
    try {
      const current = await this.#read(signal);
      if (!current) {
        await client.create(Lease, { metadata: { ...lease }, spec: this.#specAfter(undefined) }, { signal });
        return true;
      }
      if (!this.#mayHold(current)) return false;
      await client.update(Lease, { ...current, spec: this.#specAfter(current) }, { signal });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof ApiError)) throw error;
      // Somebody was quicker, which is what the Lease is for; anything else is worth a word.
      if (!hasReason(error, "Conflict") && !hasReason(error, "AlreadyExists")) {
        log.error("Lease could not be acquired or renewed", { error, lease });
      }
      return false;
    }
  }

  async giveBack(): Promise<void> {
    const { client, log, identity, clock } = this.#options;
    try {
      const current = await this.#read(undefined);
      if (current?.spec.holderIdentity !== identity) return;
      const { leaseTransitions = 0 } = current.spec;
      const now = formatMicroTime(clock.now());
      const spec = { leaseDurationSeconds: 1, leaseTransitions, acquireTime: now, renewTime: now };
      await client.update(Lease, { ...current, spec });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      log.error("Lease could not be given back, and ends by itself", { error });
    }
  }

  async #read(signal: AbortSignal | undefined): Promise<Lease | undefined> {
    const { client, lease } = this.#options;
    try {
      return await client.get(Lease, lease, signal ? { signal } : {});
    } catch (error) {
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }
  }

  #mayHold({ metadata, spec }: Lease): boolean {
    const { clock, identity } = this.#options;
    const nowMs = clock.monotonicMs();
    const version = metadata.resourceVersion ?? "";
    if (version !== this.#seen) {
      this.#seen = version;
      this.#seenSinceMs = nowMs;
    }
    const { holderIdentity, leaseDurationSeconds = LEASE_SECONDS } = spec;
    if (!holderIdentity || holderIdentity === identity) return true;
    return nowMs - this.#seenSinceMs >= leaseDurationSeconds * 1000;
  }

  #specAfter(current: Lease | undefined): Lease["spec"] {
    const { clock, identity } = this.#options;
    const now = formatMicroTime(clock.now());
    const held = { holderIdentity: identity, leaseDurationSeconds: LEASE_SECONDS, renewTime: now };
    if (!current) return { ...held, acquireTime: now, leaseTransitions: 0 };
    const { holderIdentity, acquireTime = now, leaseTransitions = 0 } = current.spec;
    if (holderIdentity === identity) return { ...held, acquireTime, leaseTransitions };
    return { ...held, acquireTime: now, leaseTransitions: leaseTransitions + 1 };
  }
}
