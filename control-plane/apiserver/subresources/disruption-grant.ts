// Asks a disruption budget for one pod: refused with upstream's words, or granted and taken off the budget in the same step.

import { PodDisruptionBudget } from "@atoll/api/policy/pod-disruption-budget/kind";
import { formatTime } from "@atoll/base/clock";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import {
  disruptionCondition,
  SYNC_FAILED_REASON,
  withDisruptionAllowed,
} from "@atoll/machinery/object/disruption-allowed";
import type { RegistryEnvironment } from "../registry/environment.ts";
import { copyObject } from "../registry/object-fields.ts";
import type { StoredObject } from "../registry/stored-object.ts";

const REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";
const RETRY_AFTER_SECONDS = 10;
/** Granted evictions whose pods are still there; the status must not grow without bound. */
const DISRUPTED_PODS_MAX = 2000;

/** Runs again on the newer budget when somebody else was quicker, so that two never get the same grant. */
export async function grantDisruption(
  environment: RegistryEnvironment,
  budget: { readonly namespace: string; readonly name: string },
  podName: string,
  isDryRun: boolean,
): Promise<void> {
  const store = environment.resources.of(PodDisruptionBudget);
  const key = store.keyOf(budget.namespace, budget.name);
  const nowMs = environment.clock.now();
  const decide = ({ object }: StoredObject) => {
    const granted = grant(copyObject(object) as PodDisruptionBudget, podName, nowMs); // the store holds budgets only
    return { type: "put" as const, object: granted };
  };
  if (isDryRun) {
    const stored = await store.get(key);
    if (stored) decide(stored);
    return;
  }
  if (!(await store.change(key, decide))) {
    throw notFound({ group: "policy", name: "poddisruptionbudgets" }, budget.name);
  }
}

function grant(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget {
  const { status = {}, metadata } = budget;
  const { disruptionsAllowed = 0, disruptedPods = {}, observedGeneration = 0 } = status;
  const { name = "" } = metadata;
  if (observedGeneration < (metadata.generation ?? 0)) throw refusedForNow(name);
  if (disruptionsAllowed < 0) throw forbidden(name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) {
    throw forbidden(name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (disruptionsAllowed === 0) throw refused(whyNot(budget), undefined);
  const next = {
    ...status,
    disruptionsAllowed: disruptionsAllowed - 1,
    disruptedPods: { ...disruptedPods, [podName]: formatTime(nowMs) },
  };
  return { ...budget, status: next.disruptionsAllowed === 0 ? withDisruptionAllowed(next, nowMs) : next };
}

/** The budget's numbers are not of now. */
export function refusedForNow(budgetName: string): ApiError {
  const text = `The disruption budget ${budgetName} is still being processed by the server.`;
  return refused(text, RETRY_AFTER_SECONDS);
}

function refused(message: string, retryAfterSeconds: number | undefined): ApiError {
  return new ApiError("TooManyRequests", REFUSAL, {
    details: {
      causes: [{ reason: "DisruptionBudget", message }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });
}

function whyNot({ metadata, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  const condition = disruptionCondition(status);
  const isExplained = condition?.status === "False" && condition.message !== "";
  const refusal = `The disruption budget ${metadata.name} does not allow evicting pods currently`;
  // Where the pods could not be counted the numbers mean nothing.
  if (isExplained && condition.reason === SYNC_FAILED_REASON) {
    return `${refusal} because it failed sync: ${condition.message}`;
  }
  if (currentHealthy <= desiredHealthy) {
    return `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  }
  return isExplained ? `${refusal} (${condition.reason}): ${condition.message}` : refusal;
}

function forbidden(name: string, why: string): ApiError {
  const text = `poddisruptionbudget.policy ${JSON.stringify(name)} is forbidden: ${why}`;
  return new ApiError("Forbidden", text, { details: { name, group: "policy", kind: "poddisruptionbudget" } });
}
