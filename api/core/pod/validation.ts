import type { Pod, PodSpec, PodTemplateSpec, Toleration } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from "../../meta/names.ts";
import { validateAnnotations, validateLabels } from "../../meta/object-meta.ts";
import { validateQuantities } from "../../meta/quantity-validation.ts";
import { validateChoice } from "../../meta/value-validation.ts";
import { validateContainers, validateEphemeralContainers, validateInitContainers } from "./container-validation.ts";
import { validateDns } from "./dns-validation.ts";
import { validateSecurity } from "./security-validation.ts";
import { validateSpread } from "./spread-validation.ts";
import { validateVolumes } from "./volume-validation.ts";

export function validatePod(pod: Pod): FieldError[] {
  return [...validatePodSpec(pod.spec, "spec"), ...validateTokenVolumes(pod.spec)];
}

/** A token is of somebody. A template may leave open of whom: its pods are told when they are made. */
function validateTokenVolumes({ serviceAccountName, volumes = [] }: PodSpec): FieldError[] {
  if (serviceAccountName) return [];
  return volumes.flatMap(({ projected }, i) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, j) => {
      if (!serviceAccountToken) return [];
      const path = `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`;
      return [forbidden(path, "must not be specified when serviceAccountName is not set")];
    }),
  );
}

export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  return [
    ...validateLabels(template.metadata?.labels, `${path}.metadata.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.metadata.annotations`),
    ...(template.spec ? validatePodSpec(template.spec, `${path}.spec`) : [required(`${path}.spec.containers`)]),
  ];
}

const RESTART_POLICIES = ["Always", "Never", "OnFailure"];
const DNS_POLICIES = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
const ACTIVE_DEADLINE_MAX = 2_147_483_647;

export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const { errors, names: volumes } = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  return [
    ...errors,
    ...validateContainers(spec.containers ?? [], volumes, `${path}.containers`),
    ...validateInitContainers(spec.initContainers ?? [], spec.containers ?? [], volumes, `${path}.initContainers`),
    ...validateEphemeralContainers(spec, volumes, `${path}.ephemeralContainers`),
    ...validateChoice(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`),
    ...validateChoice(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`),
    ...validateDns(spec, path),
    ...validateSecurity(spec, path),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...validateNames(spec, path),
    ...validateNumbers(spec, path),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...validateHostPorts(spec, path),
    ...validateQuantities(spec.overhead, `${path}.overhead`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
  ];
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const checks: readonly [string | undefined, string, (value: string) => string[]][] = [
    [spec.serviceAccountName, "serviceAccountName", checkDns1123Subdomain],
    [spec.nodeName, "nodeName", checkDns1123Subdomain],
    [spec.hostname, "hostname", checkDns1123Label],
    [spec.subdomain, "subdomain", checkDns1123Label],
    [spec.priorityClassName, "priorityClassName", checkDns1123Subdomain],
    [spec.runtimeClassName, "runtimeClassName", checkDns1123Subdomain],
  ];
  return checks.flatMap(([value, field, check]) =>
    value ? check(value).map((text) => invalidValue(`${path}.${field}`, value, text)) : [],
  );
}

function validateNumbers(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  if (deadline !== undefined && (deadline < 1 || deadline > ACTIVE_DEADLINE_MAX)) {
    const text = `must be between 1 and ${ACTIVE_DEADLINE_MAX}, inclusive`;
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, text));
  }
  if (grace === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  return errors;
}

const TOLERATION_EFFECTS = ["NoExecute", "NoSchedule", "PreferNoSchedule"];

export function validateTolerations(tolerations: readonly Toleration[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, i) => validateToleration(toleration, `${path}[${i}]`));
}

function validateToleration(toleration: Toleration, path: string): FieldError[] {
  const { key, operator = "Equal", value, effect, tolerationSeconds } = toleration;
  const errors: FieldError[] = [];
  if (key) errors.push(...checkQualifiedName(key).map((text) => invalidValue(`${path}.key`, key, text)));
  else if (operator !== "Exists") {
    errors.push(
      invalidValue(
        `${path}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    errors.push(
      invalidValue(`${path}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"),
    );
  }
  if (operator === "Equal") {
    errors.push(...checkLabelValue(value ?? "").map((text) => invalidValue(`${path}.operator`, value, text)));
  } else if (operator === "Exists") {
    if (value) {
      errors.push(invalidValue(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
    }
  } else errors.push(notSupported(`${path}.operator`, operator, ["Equal", "Exists"]));
  if (effect && !TOLERATION_EFFECTS.includes(effect)) {
    errors.push(notSupported(`${path}.effect`, effect, TOLERATION_EFFECTS));
  }
  return errors;
}

/** Two containers cannot open one port of the host; with the host's network both numbers of a port are the same. */
function validateHostPorts(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [j, port] of (container.ports ?? []).entries()) {
      const field = `${path}.containers[${i}].ports[${j}]`;
      if (spec.hostNetwork && port.hostPort && port.hostPort !== port.containerPort) {
        errors.push(
          invalidValue(
            `${field}.containerPort`,
            port.containerPort,
            "must match `hostPort` when `hostNetwork` is true",
          ),
        );
      }
      if (!port.hostPort) continue;
      const identity = `${port.protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
      if (seen.has(identity)) errors.push(duplicate(`${field}.hostPort`, identity));
      seen.add(identity);
    }
  }
  if (spec.hostNetwork && spec.hostUsers === false) {
    errors.push(forbidden(`${path}.hostNetwork`, "not allowed when `hostUsers` is false"));
  }
  return errors;
}
