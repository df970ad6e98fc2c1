// A job's own rules about its end: which failures of pods count and which end it, and when some of its indexes are enough.

import type {
  ContainerStatus,
  Pod,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicy,
} from "@atoll/api/generated/types";
import { countCommonIndexes, countIndexes, type Indexes, parseIndexes } from "./job-indexes.ts";

export interface FailureVerdict {
  /** Of the rule that matched first. */
  readonly action?: "Ignore" | "Count" | "FailIndex" | "FailJob";
  readonly isCounted: boolean;
  /** Why the job fails, for FailJob. */
  readonly message?: string;
}

/** Without a rule that matches, a failure counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const match = matchRule(rule, pod);
    if (match === undefined) continue;
    const where = `matching ${rule.action} rule at index ${index}`;
    switch (rule.action) {
      case "Ignore":
        return { action: "Ignore", isCounted: false };
      case "Count":
      case "FailIndex":
        return { action: rule.action, isCounted: true };
      case "FailJob":
        return { action: "FailJob", isCounted: true, message: `${match} ${where}` };
    }
  }
  return { isCounted: true };
}

/** What in the pod the rule matches, in words; undefined when nothing does. */
function matchRule({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  const { status } = pod;
  if (onExitCodes) {
    const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
    const container = statuses.find((candidate) => matchesExitCode(candidate, onExitCodes));
    const exitCode = container?.state?.terminated?.exitCode;
    return container && `Container ${container.name} for pod ${name} failed with exit code ${exitCode}`;
  }
  const condition = status?.conditions?.find((candidate) =>
    onPodConditions.some((pattern) => pattern.type === candidate.type && pattern.status === candidate.status),
  );
  return condition && `Pod ${name} has condition ${condition.type}`;
}

function matchesExitCode(
  { name, state }: ContainerStatus,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): boolean {
  const exitCode = state?.terminated?.exitCode ?? 0;
  if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
  return operator === "In" ? values.includes(exitCode) : operator === "NotIn" && !values.includes(exitCode);
}

/** Why the job counts as done; undefined when it does not yet. */
export function matchSuccess(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: Indexes,
): string | undefined {
  if (succeeded.length === 0) return undefined;
  const met = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) {
      return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    }
    const wanted = parseIndexes(succeededIndexes, completions);
    if (wanted.length === 0) return false;
    const common = countCommonIndexes(wanted, succeeded);
    return common === countIndexes(wanted) || (succeededCount !== undefined && common >= succeededCount);
  });
  return met === -1 ? undefined : `Matched rules at index ${met}`;
}
