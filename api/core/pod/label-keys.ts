// Whom a pod is near to or spread with may be said by keys of labels, whose values are the pod's own. The selector gets them when
// the pod is made.

import { ownValue } from "@atoll/base/own-value";
import type { LabelSelector, Pod } from "../../generated/types.ts";

interface Term {
  readonly labelSelector?: LabelSelector;
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

export function selectByLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {};
  const terms: readonly Term[] = [
    ...[spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((affinity) => [
      ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
      ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ]),
    ...(spec?.topologySpreadConstraints ?? []),
  ];
  for (const term of terms) addRequirements(term, labels);
}

/** Without a selector a term means no pod at all, whatever keys it has. */
function addRequirements(term: Term | undefined, labels: Readonly<Record<string, string>>): void {
  if (!term?.labelSelector) return;
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  const added = [
    ...requirementsOf(matchLabelKeys, "In", labels),
    ...requirementsOf(mismatchLabelKeys, "NotIn", labels),
  ];
  if (added.length > 0) labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...added];
}

function requirementsOf(keys: readonly string[], operator: "In" | "NotIn", labels: Readonly<Record<string, string>>) {
  return keys.flatMap((key) => {
    const value = ownValue(labels, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
}
