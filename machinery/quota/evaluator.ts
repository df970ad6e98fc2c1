// How one kind of object counts towards quotas. The API server asks before a write, the controller when it counts anew.

import type { ScopedResourceSelectorRequirement } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import type { Amounts } from "./amounts.ts";

/** One scope of a quota with its condition. */
export type ScopeRequirement = ScopedResourceSelectorRequirement;

export interface QuotaWrite<T extends KubeObject = KubeObject> {
  readonly operation: "CREATE" | "UPDATE";
  readonly subresource: string;
  readonly object: T;
  /** Undefined for CREATE. */
  readonly oldObject: T | undefined;
}

export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** Whether such a write may change what is used. */
  readonly concerns: (write: QuotaWrite<T>) => boolean;
  /** Whether a limit of that name is one for this kind. */
  readonly counts: (limit: string) => boolean;
  /** All that the object uses, whatever is limited. */
  readonly usageOf: (object: T, nowMs: number) => Amounts;
  readonly isInScope: (object: T, requirement: ScopeRequirement) => boolean;
  /** Why the object cannot be counted towards these limits; undefined: it can. */
  readonly faultOf: (object: T, limits: readonly string[]) => string | undefined;
}

/** "count/jobs.batch", the limit that every kind has. */
export function countOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return group === "" ? `count/${plural}` : `count/${plural}.${group}`;
}
