import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from "@atoll/api/generated/types";
import { matchesLabels } from "@atoll/api/meta/label-selector";

/** Node selector and required node affinity: both must hold; of the affinity's terms one. */
export function matchesNodeAffinity(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([name, value]) => labels[name] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** Sum of the weights of the preferred terms that the node matches. */
export function preferredNodeWeight(pod: Pod, node: Node): number {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred.reduce(
    (total, { weight, preference }) => (matchesTerm(preference, node) ? total + weight : total),
    0,
  );
}

/** A term without any requirement matches nothing. */
function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((requirement) => matches(requirement, node.metadata.labels)) &&
    // The one field the API knows here.
    fields.every((requirement) => matches(requirement, { "metadata.name": node.metadata.name ?? "" }))
  );
}

const OPERATORS = {
  In: "In",
  NotIn: "NotIn",
  Exists: "Exists",
  DoesNotExist: "DoesNotExist",
  Gt: "GreaterThan",
  Lt: "LessThan",
} as const;

function matches(requirement: NodeSelectorRequirement, labels: Readonly<Record<string, string>> | undefined): boolean {
  const operator = Object.entries(OPERATORS).find(([name]) => name === requirement.operator)?.[1];
  if (operator === undefined) return false;
  return matchesLabels([{ key: requirement.key, operator, values: requirement.values ?? [] }], labels);
}
