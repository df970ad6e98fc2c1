// Says how many pods of a PodDisruptionBudget may be evicted now. It counts; who grants an eviction is the API server, which takes
// one off the number and leaves the pod's name in the status until the pod is gone.

import { PodDisruptionBudget } from "@atoll/api/policy/pod-disruption-budget/kind";
import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { StatefulSet } from "@atoll/api/apps/stateful-set/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { ReplicationController } from "@atoll/api/core/replication-controller/kind";
import type { IntOrString, PodDisruptionBudgetStatus } from "@atoll/api/generated/types";
import { formatRequirements, matchesLabels, requirementsOf, selectsLabels } from "@atoll/api/meta/label-selector";
import { describeError } from "@atoll/base/errors";
import { ownValue } from "@atoll/base/own-value";
import { nameOf } from "@atoll/machinery/client/client";
import { type CacheReader, type ReconcileContext, defineController } from "@atoll/machinery/controller/controller";
import { isPodReady } from "@atoll/machinery/controller/pod-state";
import { hasReason } from "@atoll/machinery/object/api-error";
import { isDeepEqual } from "@atoll/machinery/object/deep-equal";
import { withDisruptionAllowed, withSyncFailure } from "@atoll/machinery/object/disruption-allowed";
import { expectedScale } from "./pod-disruption-scale.ts";

/** A pod whose eviction was granted and that is still there after this long counts as staying. Upstream's time. */
const DELETION_TIMEOUT_MS = 2 * 60_000;
/** What could not be counted (an owner without scale) is tried again after this long, besides at every change of a pod. */
const FAILED_RETRY_MS = 60_000;
const GATHER_MS = 50;

const nobody = () => [];

export const podDisruptionBudget = defineController({
  name: "disruption",
  watches: [
    { resource: PodDisruptionBudget },
    { resource: Pod, keysOf: budgetsOf, gatherMs: GATHER_MS },
    { resource: ReplicationController, keysOf: nobody },
    { resource: ReplicaSet, keysOf: nobody },
    { resource: Deployment, keysOf: nobody },
    { resource: StatefulSet, keysOf: nobody },
  ],
  owns: ["PodDisruptionBudget.status"],
  async reconcile(key, context) {
    const budget = context.cache.of(PodDisruptionBudget).get(key);
    if (!budget) return;
    const nowMs = context.clock.now();
    try {
      const pods = podsOf(budget, context);
      const { disruptedPods, recheckAtMs } = stillDisrupted(budget, pods, context);
      const expected = await expectedPods(budget, pods, context);
      const currentHealthy = pods.filter((pod) => isHealthy(pod, disruptedPods)).length;
      const allowed = currentHealthy - expected.desiredHealthy;
      await writeStatus(budget, context, (status) =>
        withDisruptionAllowed(
          {
            currentHealthy,
            ...expected,
            disruptionsAllowed: expected.expectedPods > 0 ? Math.max(0, allowed) : 0,
            ...(Object.keys(disruptedPods).length > 0 ? { disruptedPods } : {}),
            observedGeneration: budget.metadata.generation ?? 0,
            ...(status.conditions ? { conditions: status.conditions } : {}),
          },
          nowMs,
        ),
      );
      return recheckAtMs === undefined ? undefined : { requeueAfterMs: Math.max(0, recheckAtMs - nowMs) + 1000 };
    } catch (thrown) {
      // A lost race says nothing of the pods.
      if (hasReason(thrown, "Conflict")) throw thrown;
      await writeStatus(budget, context, (status) => withSyncFailure(status, describeError(thrown), nowMs));
      context.log.info("Pods of a disruption budget cannot be counted", { error: thrown as Error }); // Everybody here throws Errors.
      return { requeueAfterMs: FAILED_RETRY_MS };
    }
  },
});

function budgetsOf({ metadata }: Pod, cache: CacheReader) {
  return cache
    .of(PodDisruptionBudget)
    .list(metadata.namespace)
    .filter(({ spec }) => selectsLabels(spec?.selector, metadata.labels))
    .map(nameOf);
}

function podsOf(budget: PodDisruptionBudget, { cache, events }: ReconcileContext): Pod[] {
  const { selector } = budget.spec ?? {};
  const requirements = selector && requirementsOf(selector);
  const pods = cache
    .of(Pod)
    .list(budget.metadata.namespace)
    .filter(({ metadata }) => requirements !== undefined && matchesLabels(requirements, metadata.labels));
  if (pods.length === 0) events.record(budget, { type: "Normal", reason: "NoPods", message: "No matching pods found" });
  return pods;
}

async function expectedPods(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  context: ReconcileContext,
): Promise<Required<Pick<PodDisruptionBudgetStatus, "expectedPods" | "desiredHealthy">>> {
  const { minAvailable, maxUnavailable, selector } = budget.spec ?? {};
  if (maxUnavailable === undefined && typeof minAvailable !== "string") {
    return minAvailable === undefined
      ? { expectedPods: 0, desiredHealthy: 0 }
      : { expectedPods: pods.length, desiredHealthy: minAvailable };
  }
  try {
    const { scale, unmanaged } = await expectedScale(pods, context);
    if (unmanaged.length > 0) {
      const text = selector ? formatRequirements(requirementsOf(selector)) : "";
      const message = `Pods selected by this PodDisruptionBudget (selector: ${text}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
      context.events.record(budget, { type: "Warning", reason: "UnmanagedPods", message });
    }
    const desiredHealthy =
      maxUnavailable === undefined
        ? shareOf(minAvailable ?? 0, scale)
        : Math.max(0, scale - shareOf(maxUnavailable, scale));
    return { expectedPods: scale, desiredHealthy };
  } catch (thrown) {
    const message = `Failed to calculate the number of expected pods: ${describeError(thrown)}`;
    context.events.record(budget, { type: "Warning", reason: "CalculateExpectedPodCountFailed", message });
    throw thrown;
  }
}

/** Rounded up, for either side. */
function shareOf(value: IntOrString, total: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100);
}

function isHealthy(pod: Pod, disruptedPods: Readonly<Record<string, string>>): boolean {
  const isLeaving =
    pod.metadata.deletionTimestamp !== undefined || Object.hasOwn(disruptedPods, pod.metadata.name ?? "");
  return !isLeaving && isPodReady(pod);
}

/** The granted evictions that may still come to pass, and when the first of them no longer may. */
function stillDisrupted(budget: PodDisruptionBudget, pods: readonly Pod[], { clock, events }: ReconcileContext) {
  const disruptedPods: Record<string, string> = {};
  let recheckAtMs: number | undefined;
  for (const pod of pods) {
    const { name = "", deletionTimestamp } = pod.metadata;
    const grantedAt = ownValue(budget.status?.disruptedPods, name);
    if (grantedAt === undefined || deletionTimestamp !== undefined) continue;
    const expectedAtMs = Date.parse(grantedAt) + DELETION_TIMEOUT_MS;
    if (expectedAtMs < clock.now()) {
      const { namespace, name: budgetName } = budget.metadata;
      const message = `Pod was expected by PDB ${namespace}/${budgetName} to be deleted but it wasn't`;
      events.record(pod, { type: "Warning", reason: "NotDeleted", message });
      continue;
    }
    disruptedPods[name] = grantedAt;
    recheckAtMs = Math.min(expectedAtMs, recheckAtMs ?? expectedAtMs);
  }
  return { disruptedPods, recheckAtMs };
}

async function writeStatus(
  budget: PodDisruptionBudget,
  { client, signal }: ReconcileContext,
  change: (status: PodDisruptionBudgetStatus) => PodDisruptionBudgetStatus,
): Promise<void> {
  const old = budget.status ?? { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  const status = change(old);
  if (isDeepEqual(budget.status, status)) return;
  await client.update(PodDisruptionBudget, { ...budget, status }, { subresource: "status", signal });
}
