import { tableOf } from "@atoll/base/table-of";
import type { LabelSelector } from "./types.ts";

/** Labels of hosts that have got other names, or lost their meaning, and what whoever uses them is told. */
export const NODE_LABEL_WARNINGS: Readonly<Record<string, string>> = tableOf({
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
});

export function selectorWarnings({ matchExpressions = [], matchLabels = {} }: LabelSelector, path: string): string[] {
  const byExpression = matchExpressions.flatMap(({ key }, i) => {
    const text = NODE_LABEL_WARNINGS[key];
    return text === undefined ? [] : [`${path}.matchExpressions[${i}].key: ${key} is ${text}`];
  });
  const byLabel = Object.keys(matchLabels).flatMap((key) => {
    const text = NODE_LABEL_WARNINGS[key];
    return text === undefined ? [] : [`${path}.matchLabels.${key}: ${text}`];
  });
  return [...byExpression, ...byLabel];
}
