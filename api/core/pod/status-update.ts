// Writes to a pod's status: its host says what happens, and some of what it said is final.

import type { ContainerStatus, Pod, PodCondition, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { addressFamily, checkAddress } from "../../meta/addresses.ts";
import { forbidden, internalError, invalidValue, unchanged } from "../../meta/field-error.ts";
import { checkDns1123Subdomain, checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { validateClaimStatuses, validateExtendedClaim } from "./claim-status-validation.ts";
import { dropUnservedStatus } from "./unserved-fields.ts";
import { validateAnnotationUpdate } from "./update-validation.ts";

/** What a writer leaves out that is not his to take away stays. */
export function preparePodForStatusUpdate(pod: Pod, old: Pod): void {
  if (!pod.status && !old.status) return;
  const status = { ...pod.status };
  const { qosClass, observedGeneration, conditions } = old.status ?? {};
  if (!status.qosClass && qosClass) status.qosClass = qosClass;
  if (!status.observedGeneration && observedGeneration) status.observedGeneration = observedGeneration;
  if (status.conditions) status.conditions = withOldGenerations(status.conditions, conditions ?? []);
  dropUnservedStatus(status);
  pod.status = status;
}

function withOldGenerations(conditions: readonly PodCondition[], old: readonly PodCondition[]): PodCondition[] {
  const rest = [...old];
  return conditions.map((condition) => {
    const index = rest.findIndex(({ type }) => type === condition.type);
    const [former] = index === -1 ? [] : rest.splice(index, 1);
    return condition.observedGeneration || !former?.observedGeneration
      ? condition
      : { ...condition, observedGeneration: former.observedGeneration };
  });
}

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const status = pod.status ?? {};
  const oldStatus = old.status ?? {};
  return [
    ...validateAnnotationUpdate(pod, old),
    ...validateConditions(status.conditions ?? []),
    ...validateNominatedHost(pod, old),
    ...validateGeneration(status.observedGeneration, "status.observedGeneration"),
    ...unchanged("status.qosClass", status.qosClass, oldStatus.qosClass),
    ...validateTransitions(status.containerStatuses, oldStatus.containerStatuses, {
      path: "status.containerStatuses",
      mayRestart: (ended) => mayRestart(old.spec, ended),
    }),
    ...validateTransitions(status.initContainerStatuses, oldStatus.initContainerStatuses, {
      path: "status.initContainerStatuses",
      mayRestart: (ended) => isSidecar(old.spec, ended) || mayRestart(old.spec, ended),
    }),
    ...validateTransitions(status.ephemeralContainerStatuses, oldStatus.ephemeralContainerStatuses, {
      path: "status.ephemeralContainerStatuses",
      mayRestart: () => false,
    }),
    ...validateClaimStatuses(pod),
    ...validateExtendedClaim(pod),
    ...validateAddresses(status.podIPs, oldStatus.podIPs, "status.podIPs"),
    ...(status.hostIPs?.length && status.hostIPs[0]?.ip !== status.hostIP
      ? [invalidValue("status.hostIPs[0].ip", status.hostIPs[0]?.ip ?? "", "must be equal to `hostIP`")]
      : []),
    ...validateAddresses(status.hostIPs, oldStatus.hostIPs, "status.hostIPs"),
  ];
}

const OWN_CONDITIONS = ["PodScheduled", "Ready", "Initialized"];

function validateConditions(conditions: readonly PodCondition[]): FieldError[] {
  return conditions.flatMap(({ type, observedGeneration }, i) => {
    const path = `status.conditions[${i}]`;
    const errors = validateGeneration(observedGeneration, `${path}.observedGeneration`);
    if (!OWN_CONDITIONS.includes(type)) errors.push(...invalidTexts(`${path}.Type`, type, checkQualifiedName(type)));
    return errors;
  });
}

function validateGeneration(generation: number | undefined, field: string): FieldError[] {
  return generation !== undefined && generation < 0
    ? [invalidValue(field, generation, "must be a non-negative integer")]
    : [];
}

function validateNominatedHost({ status }: Pod, { spec, status: old }: Pod): FieldError[] {
  const field = "status.nominatedNodeName";
  const host = status?.nominatedNodeName;
  if (!host || host === old?.nominatedNodeName) return [];
  const errors = invalidTexts(field, host, checkDns1123Subdomain(host));
  if (spec.nodeName) errors.push(forbidden(field, "may not be set on pods that are already bound to a node"));
  return errors;
}

interface TransitionRule {
  readonly path: string;
  /** Of a container that has ended. */
  readonly mayRestart: (ended: ContainerStatus) => boolean;
}

/** A container that ended for good does not come back. */
function validateTransitions(
  statuses: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  { path, mayRestart }: TransitionRule,
): FieldError[] {
  return old.flatMap((ended, i) => {
    if (!ended.state?.terminated || mayRestart(ended)) return [];
    const now = statuses.find(({ name }) => name === ended.name);
    return now && !now.state?.terminated
      ? [forbidden(`${path}[${i}].state`, "may not be transitioned to non-terminated state")]
      : [];
  });
}

function mayRestart({ restartPolicy, containers, initContainers }: PodSpec, ended: ContainerStatus): boolean {
  const all = [...(containers ?? []), ...(initContainers ?? [])];
  // One that may restart all others makes every end a beginning.
  if (
    all.some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"))
  ) {
    return true;
  }
  const container = all.find(({ name }) => name === ended.name);
  const exitCode = ended.state?.terminated?.exitCode ?? 0;
  const rule = container?.restartPolicyRules?.find(({ exitCodes }) =>
    exitCodes?.operator === "In" ? exitCodes.values?.includes(exitCode) : !exitCodes?.values?.includes(exitCode),
  );
  if (rule?.action === "Restart") return true;
  const policy = container?.restartPolicy ?? restartPolicy;
  return policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
}

function isSidecar({ initContainers }: PodSpec, { name }: ContainerStatus): boolean {
  return initContainers?.some((container) => container.name === name && container.restartPolicy === "Always") === true;
}

/** One address, or one of each family; what is there already may be as it is. */
function validateAddresses(
  list: readonly { readonly ip?: string }[] = [],
  old: readonly { readonly ip?: string }[] = [],
  path: string,
): FieldError[] {
  const known = old.map(({ ip = "" }) => ip);
  const errors = list.flatMap(({ ip = "" }, i) =>
    known.includes(ip) ? [] : invalidTexts(`${path}[${i}]`, ip, checkAddress(ip)),
  );
  const families = list.map(({ ip = "" }) => addressFamily(ip));
  if (families.length < 2) return errors;
  const unknown = list[families.indexOf(undefined)];
  if (unknown)
    errors.push(
      internalError(
        path,
        `failed to check for dual stack with error:invalid IP[${families.indexOf(undefined)}] ${unknown.ip ?? ""}`,
      ),
    );
  if (list.length > 2 || unknown || families[0] === families[1]) {
    errors.push(invalidValue(path, list, "may specify no more than one IP for each IP family"));
  }
  return errors;
}
