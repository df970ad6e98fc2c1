import type { PodResourceClaim, Pod, PodSpec, PodTemplateSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notFound, required, tooLong } from "../../meta/field-error.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkQualifiedName } from "../../meta/names.ts";
import { validateAnnotations, validateLabels } from "../../meta/object-meta.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";
import { validateAffinity } from "./affinity-validation.ts";
import { allContainers } from "./all-containers.ts";
import { MIRROR_ANNOTATION, validatePodAnnotations, validateProfilesMatch } from "./annotation-validation.ts";
import {
  validateContainers,
  validateEphemeralContainers,
  validateImageOfPod,
  validateInitContainers,
} from "./container-validation.ts";
import { validateDns } from "./dns-validation.ts";
import { validatePodResources } from "./pod-resource-validation.ts";
import { validateOverhead } from "./resource-validation.ts";
import { validateHostUsers, validateSecurity } from "./security-validation.ts";
import { validateSpread } from "./spread-validation.ts";
import { validateTolerations } from "./toleration-validation.ts";
import { validateVolumes, type VolumeOwner } from "./volume-validation.ts";
import { validateHostProcess, validateSystem } from "./windows-validation.ts";

export function validatePodCreate(pod: Pod): FieldError[] {
  const { spec } = pod;
  const errors = validatePod(pod);
  if (spec.ephemeralContainers?.length) errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  return [...errors, ...validateProfilesMatch(pod.metadata.annotations, spec, "spec")];
}

/** What holds for a pod at any time. */
export function validatePod({ metadata, spec }: Pod): FieldError[] {
  const isMirror = metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
  const text = "static pods do not support resource claims";
  return [
    ...validatePodAnnotations(metadata.annotations, spec, "metadata.annotations"),
    ...validatePodSpec(spec, "spec", { isPod: true, name: metadata.name ?? "" }),
    ...validateTokenVolumes(spec),
    ...(isMirror ? (spec.resourceClaims ?? []).map(() => forbidden("", text)) : []),
    ...(["containers", "initContainers"] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, i) => validateImageOfPod(container, `spec.${list}[${i}]`)),
    ),
  ];
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

/** Upstream leaves "metadata" out of the paths. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { labels, annotations } = template.metadata ?? {};
  const { spec = { containers: [] } } = template;
  const text = "ephemeral containers not allowed in pod template";
  return [
    ...validateLabels(labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...validatePodAnnotations(annotations, spec, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, { isPod: false, name: "" }),
    ...validateProfilesMatch(annotations, spec, `${path}.spec`),
    ...(spec.ephemeralContainers?.length ? [forbidden(`${path}.spec.ephemeralContainers`, text)] : []),
  ];
}

const RESTART_POLICIES = ["Always", "OnFailure", "Never"];
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const PREEMPTION_POLICIES = ["PreemptLowerPriority", "Never"];
const ACTIVE_DEADLINE_MAX = 2_147_483_647;

function validatePodSpec(spec: PodSpec, path: string, owner: VolumeOwner): FieldError[] {
  const volumes = validateVolumes(spec.volumes ?? [], owner, `${path}.volumes`);
  const claims = new Set((spec.resourceClaims ?? []).map(({ name = "" }) => name).filter((name) => name !== ""));
  const surroundings = { spec, volumes: volumes.sound, claims };
  const { preemptionPolicy } = spec;
  return [
    ...validateNumbers(spec, path),
    ...volumes.errors,
    ...validateResourceClaims(spec.resourceClaims ?? [], `${path}.resourceClaims`),
    ...validateContainers(surroundings, `${path}.containers`),
    ...validateInitContainers(surroundings, `${path}.initContainers`),
    ...validateEphemeralContainers(surroundings, `${path}.ephemeralContainers`),
    ...validatePodResources(spec, claims, path),
    ...validateHostPorts(spec, path, owner),
    ...validateChoice(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`),
    ...validateChoice(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateSecurity(spec, path),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDns(spec, path),
    ...validateGates(spec, path),
    ...validateSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateHostname(spec, path),
    ...validateNames(spec, path),
    ...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...(preemptionPolicy === undefined
      ? []
      : validateChoice(preemptionPolicy, PREEMPTION_POLICIES, `${path}.preemptionPolicy`)),
    ...validateOverhead(spec.overhead, `${path}.overhead`),
    ...validateSystem(spec, path),
    ...validateFileVariables(spec, path),
  ];
}

function validateNumbers(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { activeDeadlineSeconds: deadline, terminationGracePeriodSeconds: grace } = spec;
  if (grace === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  if (deadline !== undefined && (deadline < 1 || deadline > ACTIVE_DEADLINE_MAX)) {
    const text = `must be between 1 and ${ACTIVE_DEADLINE_MAX}, inclusive`;
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, text));
  }
  return errors;
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const checks: readonly [string | undefined, string, (value: string) => string[]][] = [
    [spec.serviceAccountName, "serviceAccountName", checkDns1123Subdomain],
    [spec.nodeName, "nodeName", checkDns1123Subdomain],
    [spec.hostname, "hostname", checkDns1123Label],
    [spec.subdomain, "subdomain", checkDns1123Label],
    [spec.priorityClassName, "priorityClassName", checkDns1123Subdomain],
  ];
  const { runtimeClassName } = spec;
  return [
    ...checks.flatMap(([value, field, check]) => (value ? invalidTexts(`${path}.${field}`, value, check(value)) : [])),
    ...(runtimeClassName === undefined
      ? []
      : invalidTexts(`${path}.runtimeClassName`, runtimeClassName, checkDns1123Subdomain(runtimeClassName))),
  ];
}

const HOSTNAME_LENGTH_MAX = 64;

/** A name that is taken as it is leaves nothing to be put together. */
function validateHostname(spec: PodSpec, path: string): FieldError[] {
  const { hostnameOverride: name, setHostnameAsFQDN, hostNetwork } = spec;
  if (name === undefined) return [];
  const field = `${path}.hostnameOverride`;
  return [
    ...(setHostnameAsFQDN ? [forbidden(field, "may not be specified when setHostnameAsFQDN is true")] : []),
    ...(hostNetwork ? [forbidden(field, "may not be specified when hostNetwork is true")] : []),
    ...(name.length > HOSTNAME_LENGTH_MAX ? [tooLong(field, HOSTNAME_LENGTH_MAX)] : []),
    ...invalidTexts(field, name, checkDns1123Subdomain(name)),
  ];
}

function validateGates({ readinessGates = [], schedulingGates = [] }: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...readinessGates.flatMap(({ conditionType = "" }: { conditionType?: string }, i) =>
      invalidTexts(`${path}.readinessGates[${i}].conditionType`, conditionType, checkQualifiedName(conditionType)),
    ),
    ...schedulingGates.flatMap(({ name = "" }: { name?: string }, i) => {
      const field = `${path}.schedulingGates[${i}]`;
      const errors = invalidTexts(field, name, checkQualifiedName(name));
      if (seen.has(name)) errors.push(duplicate(field, name));
      seen.add(name);
      return errors;
    }),
  ];
}

/** With the host's network both numbers of a port are the same; a template's pods get the missing one. */
function validateHostPorts(spec: PodSpec, path: string, { isPod }: VolumeOwner): FieldError[] {
  if (!spec.hostNetwork) return [];
  const text = "must match `containerPort` when `hostNetwork` is true";
  return (spec.containers ?? []).flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ hostPort = 0, containerPort = 0 }: { hostPort?: number; containerPort?: number }, j) =>
      hostPort === containerPort || (hostPort === 0 && !isPod)
        ? []
        : [invalidValue(`${path}.containers[${i}].ports[${j}].hostPort`, hostPort, text)],
    ),
  );
}

const CLAIM_SOURCES = ["resourceClaimName", "resourceClaimTemplateName"] as const;

function validateResourceClaims(claims: readonly PodResourceClaim[], path: string): FieldError[] {
  const seen = new Set<string>();
  return claims.flatMap((claim, i) => {
    const field = `${path}[${i}]`;
    const { name = "" }: Partial<PodResourceClaim> = claim;
    const errors: FieldError[] = [];
    if (name === "") errors.push(required(`${field}.name`));
    else if (seen.has(name)) errors.push(duplicate(`${field}.name`, name));
    else errors.push(...invalidTexts(`${field}.name`, name, checkDns1123Label(name)));
    seen.add(name);
    const given = CLAIM_SOURCES.filter((source) => claim[source] !== undefined);
    if (given.length === 0) {
      const text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
      errors.push(invalidValue(field, claim, text));
    } else if (given.length > 1) {
      const text = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified";
      errors.push(invalidValue(field, claim, text));
    }
    for (const source of given) {
      const value = claim[source] ?? "";
      errors.push(...invalidTexts(`${field}.${source}`, value, checkDns1123Subdomain(value)));
    }
    return errors;
  });
}

/** Files with variables are written by other containers of the pod, into a volume that is the pod's own. */
function validateFileVariables(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const { container, field } of allContainers(spec)) {
    for (const [i, { valueFrom }] of (container.env ?? []).entries()) {
      const reference = valueFrom?.fileKeyRef;
      if (!reference) continue;
      const { volumeName = "" }: Partial<typeof reference> = reference;
      const place = `${path}.${field}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.findLast(({ name = "" }: { name?: string }) => name === volumeName);
      if (!volume) errors.push(notFound(place, volumeName));
      else if (!volume.emptyDir) {
        errors.push(invalidValue(place, volumeName, "referenced volume must be of type emptyDir"));
      }
    }
  }
  return errors;
}
