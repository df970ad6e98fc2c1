// Writes what is used to the quotas' statuses. All writes that come to a namespace while its quotas are being written wait
// and are charged together: a thousand pods made at once cost a few writes of a quota, not a thousand that lose to each other.

import type { ResourceQuota } from "@atoll/api/core/resource-quota/kind";
import { type Amounts, readAmounts, writeAmounts } from "@atoll/machinery/quota/amounts";
import { type ChargedWrite, chargeOf } from "@atoll/machinery/quota/charge";
import type { ResourceStore } from "../registry/resource-store.ts";

/** Writes charged in one go; the quota's value is encoded once for all of them. */
const BATCH_MAX = 1000;

interface Waiting {
  readonly write: ChargedWrite;
  readonly dryRun: boolean;
  /** Undefined: charged. */
  readonly settle: (why: string | undefined) => void;
  readonly fail: (error: unknown) => void;
}

export class QuotaCharger {
  readonly #quotas: ResourceStore;
  /** A namespace is here while somebody works on it. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(quotas: ResourceStore) {
    this.#quotas = quotas;
  }

  /** Why the write exceeds a quota; undefined: it fits, and counts from now on. A dry run is only looked at. */
  charge(
    namespace: string,
    write: ChargedWrite,
    { dryRun }: { readonly dryRun: boolean },
  ): Promise<string | undefined> {
    return new Promise((settle, fail) => {
      const waiting = this.#waiting.get(namespace);
      if (waiting) {
        waiting.push({ write, dryRun, settle, fail });
        return;
      }
      this.#waiting.set(namespace, [{ write, dryRun, settle, fail }]);
      void this.#work(namespace);
    });
  }

  /** Never throws: every failure goes to those who wait. */
  async #work(namespace: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(namespace)?.splice(0, BATCH_MAX) ?? [];
      if (batch.length === 0) break;
      try {
        await this.#chargeBatch(namespace, batch);
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
    }
    this.#waiting.delete(namespace);
  }

  async #chargeBatch(namespace: string, batch: readonly Waiting[]): Promise<void> {
    // The statuses as this program, or another one, has written them last.
    await this.#quotas.catchUp();
    const { items } = this.#quotas.rangeCached(this.#quotas.rangeOf(namespace), 0);
    const quotas = items.map(({ key, object }) => new RunningQuota(key, object as ResourceQuota)); // the store holds ResourceQuotas only
    const accepted: Waiting[] = [];
    for (const waiting of batch) {
      const why = admitTo(quotas, waiting);
      if (why === undefined && !waiting.dryRun) accepted.push(waiting);
      else waiting.settle(why);
    }
    const refused = new Map<Waiting, string>();
    for (const { key, isCharged } of quotas) {
      if (isCharged) await this.#write(key, accepted, refused);
    }
    for (const waiting of accepted) waiting.settle(refused.get(waiting));
  }

  /** Looks once more at what is written over: somebody may have lowered the limits, or counted anew. */
  async #write(key: string, accepted: readonly Waiting[], refused: Map<Waiting, string>): Promise<void> {
    const before = new Map(refused);
    await this.#quotas.change(key, ({ object }) => {
      refused.clear();
      for (const [waiting, why] of before) refused.set(waiting, why);
      const running = new RunningQuota(key, object as ResourceQuota); // the store holds ResourceQuotas only
      for (const waiting of accepted) {
        const why = refused.has(waiting) ? undefined : admitTo([running], waiting);
        if (why !== undefined) refused.set(waiting, why);
      }
      return running.isCharged ? { type: "put", object: running.charged() } : { type: "keep" };
    });
  }
}

/** A quota and what will be used of it, as long as it is not written. */
class RunningQuota {
  readonly key: string;
  readonly #quota: ResourceQuota;
  #used: Amounts;
  #isCharged = false;

  constructor(key: string, quota: ResourceQuota) {
    this.key = key;
    this.#quota = quota;
    this.#used = readAmounts(quota.status?.used);
  }

  get isCharged(): boolean {
    return this.#isCharged;
  }

  look(write: ChargedWrite) {
    return chargeOf(this.#quota, this.#used, write);
  }

  charge(used: Amounts): void {
    this.#used = used;
    this.#isCharged = true;
  }

  charged(): ResourceQuota {
    return { ...this.#quota, status: { ...this.#quota.status, used: writeAmounts(this.#used) } };
  }
}

/** Charges all of the quotas or none. */
function admitTo(quotas: readonly RunningQuota[], { write, dryRun }: Waiting): string | undefined {
  const charges = quotas.map((quota) => ({ quota, charge: quota.look(write) }));
  for (const { charge } of charges) if (charge.type === "refused") return charge.why;
  if (dryRun) return undefined;
  for (const { quota, charge } of charges) if (charge.type === "charged") quota.charge(charge.used);
  return undefined;
}
