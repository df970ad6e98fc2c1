// What a namespace on its way out says about itself: five conditions, always all of them, in upstream's words.

import type { Resource } from "@atoll/api/resource";
import type { Condition } from "./condition.ts";

/** What is left of a namespace after everything was asked to go. */
export interface NamespaceRemains {
  /** Undefined: every kind is known. */
  readonly discoveryFailure: string | undefined;
  readonly contentFailures: readonly string[];
  readonly remaining: readonly { readonly resource: Resource; readonly count: number }[];
  /** How many objects wait for each finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
}

interface Fact {
  readonly type: string;
  /** Undefined: all is well. */
  readonly failure: string | undefined;
  readonly failureReason: string;
  readonly fine: { readonly reason: string; readonly message: string };
}

export function namespaceConditions(
  old: readonly Condition[] | undefined,
  remains: NamespaceRemains,
  now: string,
): Condition[] {
  const conditions = [...(old ?? [])];
  for (const { type, failure, failureReason, fine } of factsOf(remains)) {
    const next =
      failure === undefined
        ? { type, status: "False", ...fine }
        : { type, status: "True", reason: failureReason, message: failure };
    const index = conditions.findIndex((condition) => condition.type === type);
    const known = conditions[index];
    const lastTransitionTime = (known?.status === next.status ? known.lastTransitionTime : undefined) ?? now;
    conditions.splice(index === -1 ? conditions.length : index, 1, { ...next, lastTransitionTime });
  }
  return conditions;
}

function factsOf({ discoveryFailure, contentFailures, remaining, finalizers }: NamespaceRemains): Fact[] {
  const counts = remaining.map(
    ({ resource, count }) => `${resource.plural}.${resource.group} has ${count} resource instances`,
  );
  const waits = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  const list = (prefix: string, texts: readonly string[]) =>
    texts.length === 0 ? undefined : `${prefix}: ${texts.toSorted().join(", ")}`;
  return [
    {
      type: "NamespaceDeletionDiscoveryFailure",
      failure: discoveryFailure,
      failureReason: "DiscoveryFailed",
      fine: { reason: "ResourcesDiscovered", message: "All resources successfully discovered" },
    },
    {
      // Names of versions are data here, never parsed: nothing can fail, and clients wait for the condition.
      type: "NamespaceDeletionGroupVersionParsingFailure",
      failure: undefined,
      failureReason: "GroupVersionParsingFailed",
      fine: { reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
    },
    {
      type: "NamespaceDeletionContentFailure",
      failure: list(`Failed to delete all resource types, ${contentFailures.length} remaining`, contentFailures),
      failureReason: "ContentDeletionFailed",
      fine: {
        reason: "ContentDeleted",
        message: "All content successfully deleted, may be waiting on finalization",
      },
    },
    {
      type: "NamespaceContentRemaining",
      failure: list("Some resources are remaining", counts),
      failureReason: "SomeResourcesRemain",
      fine: { reason: "ContentRemoved", message: "All content successfully removed" },
    },
    {
      type: "NamespaceFinalizersRemaining",
      failure: list("Some content in the namespace has finalizers remaining", waits),
      failureReason: "SomeFinalizersRemain",
      fine: { reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" },
    },
  ];
}

/** "unable to retrieve …: metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1" */
export function discoveryFailure(failures: ReadonlyMap<string, string>): string | undefined {
  if (failures.size === 0) return undefined;
  const texts = [...failures].map(([groupVersion, why]) => `${groupVersion}: ${why}`).toSorted();
  return `Discovery failed for some groups, ${failures.size} failing: unable to retrieve the complete list of server APIs: ${texts.join(", ")}`;
}
