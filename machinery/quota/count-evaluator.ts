import type { KubeObject } from "@atoll/api/resource";
import { fromUnits } from "@atoll/api/meta/quantity";
import { countOf, type QuotaEvaluator } from "./evaluator.ts";

/** These had limits of their own before every kind had one. */
const OLDER_NAMES: readonly string[] = ["configmaps", "resourcequotas", "replicationcontrollers", "secrets"];

/** For kinds of which only the number matters. */
export function countEvaluator(resource: {
  readonly group: string;
  readonly plural: string;
}): QuotaEvaluator<KubeObject> {
  const { group, plural } = resource;
  const limits = [countOf(resource), ...(group === "" && OLDER_NAMES.includes(plural) ? [plural] : [])];
  const usage = new Map(limits.map((limit) => [limit, fromUnits(1n)]));
  return {
    concerns: ({ operation, subresource }) => operation === "CREATE" && subresource === "",
    counts: (limit) => limits.includes(limit),
    usageOf: () => usage,
    isInScope: () => false,
    faultOf: () => undefined,
  };
}
