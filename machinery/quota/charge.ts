// What one write adds to one quota, or why it must not be made.

import type { ResourceQuota } from "@atoll/api/generated/types";
import { compareQuantities, ZERO_QUANTITY } from "@atoll/api/meta/quantity";
import { type Amounts, addAmounts, formatAmounts, pickAmounts, readAmounts, surplus } from "./amounts.ts";
import type { QuotaEvaluator, QuotaWrite } from "./evaluator.ts";
import { isInScopes, requirementsOf } from "./scopes.ts";

export type Charge =
  /** Nothing that the quota limits. */
  | { readonly type: "free" }
  /** Everything that is used together with it, to be written to the quota's status. */
  | { readonly type: "charged"; readonly used: Amounts }
  | { readonly type: "refused"; readonly why: string };

const FREE: Charge = { type: "free" };

/** One write and what it uses, found out once for all quotas. */
export class ChargedWrite {
  readonly evaluator: QuotaEvaluator;
  readonly write: QuotaWrite;
  readonly usage: Amounts;
  readonly #oldUsage: Amounts | undefined;

  constructor(evaluator: QuotaEvaluator, write: QuotaWrite, nowMs: number) {
    this.evaluator = evaluator;
    this.write = write;
    this.usage = evaluator.usageOf(write.object, nowMs);
    this.#oldUsage = write.oldObject && evaluator.usageOf(write.oldObject, nowMs);
  }

  /** "" unless somebody asks for less than nothing. */
  get fault(): string {
    const negative = [...pickAmounts(this.usage, (_, { nanos }) => nanos < 0n).keys()].sort();
    return negative.length === 0 ? "" : `quota usage is negative for resource(s): ${negative.join(",")}`;
  }

  /** What comes on top of what a quota counts already. */
  addedTo(quota: ResourceQuota): Amounts {
    const { oldObject } = this.write;
    const wasCounted = oldObject && isInScopes(this.evaluator, oldObject, requirementsOf(quota.spec ?? {}));
    return wasCounted && this.#oldUsage ? surplus(this.usage, this.#oldUsage) : this.usage;
  }
}

/** `used`: what the quota's status says, or what it will say once the writes before this one have been charged. */
export function chargeOf(quota: ResourceQuota, used: Amounts, charged: ChargedWrite): Charge {
  const { evaluator, write } = charged;
  const hard = readAmounts(quota.status?.hard);
  const limits = [...hard.keys()].filter((limit) => evaluator.counts(limit));
  if (limits.length === 0 || !isInScopes(evaluator, write.object, requirementsOf(quota.spec ?? {}))) return FREE;
  const name = quota.metadata.name ?? "";
  const fault = evaluator.faultOf(write.object, limits);
  if (fault !== undefined) return { type: "refused", why: `failed quota: ${name}: ${fault}` };
  // Counted to the end first: a quota that knows only a part of what is used would let too much in.
  if (limits.some((limit) => !used.has(limit))) {
    return { type: "refused", why: `status unknown for quota: ${name}, resources: ${limits.sort().join(",")}` };
  }
  const added = pickAmounts(charged.addedTo(quota), (limit, { nanos }) => nanos !== 0n && hard.has(limit));
  if (added.size === 0) return FREE;
  const next = addAmounts(used, added);
  const exceeded = (limit: string) =>
    added.has(limit) && compareQuantities(next.get(limit) ?? ZERO_QUANTITY, hard.get(limit) ?? ZERO_QUANTITY) > 0;
  // What a status says has happened already.
  if (write.subresource !== "status" && [...added.keys()].some(exceeded)) {
    const show = (amounts: Amounts) => formatAmounts(pickAmounts(amounts, exceeded));
    const why = `exceeded quota: ${name}, requested: ${show(added)}, used: ${show(used)}, limited: ${show(hard)}`;
    return { type: "refused", why };
  }
  return { type: "charged", used: next };
}
