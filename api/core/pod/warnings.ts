// What is taken and will not do what its writer thinks: fields that do nothing any more, and things said twice.

import type {
  Container,
  ContainerPort,
  ObjectMeta,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Quantity,
} from "../../generated/types.ts";
import { NODE_LABEL_WARNINGS } from "../../meta/node-labels.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { claimSpecWarnings } from "../persistent-volume-claim/validation.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

const ANNOTATIONS: Readonly<Record<string, string>> = {
  "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
  "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
  "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** Sources whose drivers are gone, with the name that upstream shows where it is not the field's. */
const VOLUMES: readonly (readonly [string, string, string?])[] = [
  ["photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "deprecated in v1.22, non-functional in v1.25+", "storageOS"],
  ["quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_TEXT = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const NULL_SELECTOR_TEXT = "a null labelSelector results in matching no pod";

/** Of a new pod; one that is there already is changed by programs, which do not read. */
export function podWarnings(pod: Pod): string[] {
  return pod.metadata.resourceVersion === undefined && pod.spec ? warningsAt("", pod) : [];
}

/** Of the template of pods at the path, in an object that is new or has just been changed by whoever reads them. */
export function templateWarnings({ metadata = {}, spec }: PodTemplateSpec, path: string): string[] {
  return spec ? warningsAt(`${path}.`, { metadata, spec }) : [];
}

type DescribedPod = Pick<Pod, "metadata" | "spec">;

/** `path` ends in a dot or is empty. */
function warningsAt(path: string, pod: DescribedPod): string[] {
  const { metadata, spec } = pod;
  const annotations = Object.entries(ANNOTATIONS)
    .filter(([name]) => metadata.annotations?.[name] !== undefined)
    .map(([name, text]) => `${path}metadata.annotations[${name}]: ${text}`);
  return [
    ...placementWarnings(spec, `${path}spec`),
    ...annotations,
    ...volumeWarnings(spec, `${path}spec`),
    ...duplicateWarnings(spec, `${path}spec`),
    ...byteWarnings(spec.overhead, `${path}spec.overhead`),
    ...seccompWarnings(pod, path),
    ...containersOf(spec, `${path}spec`).flatMap((placed) => containerWarnings(metadata, placed, path)),
    ...portWarnings(spec, `${path}spec`),
    ...affinityWarnings(spec, `${path}spec`),
  ];
}

interface PlacedContainer {
  readonly container: Pick<Container, "name" | "ports" | "env" | "resources" | "securityContext">;
  readonly path: string;
}

function containersOf(spec: PodSpec, path: string): PlacedContainer[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, i) => ({ container, path: `${path}.${list}[${i}]` })),
  );
}

function placementWarnings(
  { nodeSelector = {}, affinity, topologySpreadConstraints = [] }: PodSpec,
  specPath: string,
): string[] {
  const warnings = Object.keys(nodeSelector).flatMap((key) => {
    const text = NODE_LABEL_WARNINGS[key];
    return text === undefined ? [] : [`${specPath}.nodeSelector[${key}]: ${text}`];
  });
  const path = `${specPath}.affinity.nodeAffinity`;
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred,
  } = affinity?.nodeAffinity ?? {};
  const terms = [
    ...(required?.nodeSelectorTerms ?? []).map((term, i) => ({
      term,
      field: `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`,
    })),
    ...(preferred ?? []).map(({ preference }, i) => ({
      term: preference,
      field: `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`,
    })),
  ];
  for (const { term, field } of terms) {
    for (const [i, { key }] of (term?.matchExpressions ?? []).entries()) {
      const text = NODE_LABEL_WARNINGS[key];
      if (text !== undefined) warnings.push(`${field}.matchExpressions[${i}].key: ${key} is ${text}`);
    }
  }
  for (const [i, { topologyKey, labelSelector }] of topologySpreadConstraints.entries()) {
    const field = `${specPath}.topologySpreadConstraints[${i}]`;
    const text = NODE_LABEL_WARNINGS[topologyKey];
    if (text !== undefined) warnings.push(`${field}.topologyKey: ${topologyKey} is ${text}`);
    if (!labelSelector) warnings.push(`${field}.labelSelector: ${NULL_SELECTOR_TEXT}`);
  }
  return warnings;
}

function volumeWarnings({ volumes = [] }: PodSpec, path: string): string[] {
  return volumes.flatMap((volume, i) => {
    const field = `${path}.volumes[${i}]`;
    const fields = volume as unknown as Readonly<Record<string, unknown>>; // sources are looked up by their names
    const warnings = VOLUMES.filter(([name]) => fields[name]).map(
      ([name, text, shown = name]) => `${field}.${shown}: ${text}`,
    );
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return claim ? [...warnings, ...claimSpecWarnings(claim, `${field}.ephemeral.volumeClaimTemplate.spec`)] : warnings;
  });
}

function duplicateWarnings({ hostAliases = [], imagePullSecrets = [] }: PodSpec, path: string): string[] {
  const repeated = <T>(
    items: readonly T[],
    keyOf: (item: T) => string | undefined,
    say: (i: number, key: string) => string,
  ) => {
    const keys = items.map((item) => keyOf(item) ?? "");
    return [...repeatedPlaces(keys)].map((i) => say(i, keys[i] ?? ""));
  };
  const secret = (i: number) => `${path}.imagePullSecrets[${i}].name`;
  return [
    ...repeated(
      hostAliases,
      ({ ip }) => ip,
      (i, ip) => `${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`,
    ),
    ...repeated(
      imagePullSecrets,
      ({ name }) => name,
      (i, name) => `${secret(i)}: duplicate name ${JSON.stringify(name)}`,
    ),
    ...imagePullSecrets.flatMap(({ name }, i) => (name ? [] : [`${secret(i)}: invalid empty name ""`])),
  ];
}

const BYTES = ["memory", "ephemeral-storage"];

function byteWarnings(amounts: Readonly<Record<string, Quantity>> | undefined, path: string): string[] {
  return BYTES.flatMap((name) => byteWarning(amounts?.[name], `${path}[${name}]`));
}

function byteWarning(value: Quantity | undefined, field: string): string[] {
  const nanos = value === undefined ? 0n : (parseQuantity(value)?.nanos ?? 0n);
  if (nanos % 1_000_000_000n === 0n) return [];
  return [`${field}: fractional byte value ${JSON.stringify(String(value))} is invalid, must be an integer`];
}

function seccompWarnings({ metadata, spec }: DescribedPod, path: string): string[] {
  if (spec.securityContext?.seccompProfile || metadata.annotations?.[SECCOMP_POD] === undefined) return [];
  return [`${path}metadata.annotations[${SECCOMP_POD}]: ${SECCOMP_TEXT}`];
}

function containerWarnings(
  { annotations }: ObjectMeta,
  { container: { name, resources, securityContext, env = [] }, path }: PlacedContainer,
  podPath: string,
): string[] {
  const warnings: string[] = [];
  const annotation = `${SECCOMP_CONTAINER_PREFIX}${name}`;
  if (!securityContext?.seccompProfile && annotations?.[annotation] !== undefined) {
    warnings.push(`${podPath}metadata.annotations[${annotation}]: ${SECCOMP_TEXT}`);
  }
  for (const resource of BYTES) {
    for (const list of ["limits", "requests"] as const) {
      warnings.push(...byteWarning(resources?.[list]?.[resource], `${path}.resources.${list}[${resource}]`));
    }
  }
  const seen = new Set<string>();
  for (const [i, { name: variable, value = "", valueFrom }] of env.entries()) {
    if (!seen.has(variable)) {
      seen.add(variable);
      continue;
    }
    const reference = `$(${variable})`;
    // One that is made out of the earlier one may be meant.
    if (valueFrom === undefined && value !== reference && value.includes(reference)) continue;
    const text = `hides previous definition of ${JSON.stringify(variable)}, which may be dropped when using apply`;
    warnings.push(`${path}.env[${i}]: ${text}`);
  }
  return warnings;
}

/** More than any answer has room for; a thousand ports of one number clash half a million times. */
const CLASHES_MAX = 1000;

interface PlacedPort {
  readonly port: ContainerPort;
  readonly field: string;
}

function portWarnings(spec: PodSpec, specPath: string): string[] {
  const ports = containersOf(spec, specPath).flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, i) => ({ port, field: `${path}.ports[${i}]` })),
  );
  const names = new Map<string, string>();
  const duplicateNames = ports.flatMap(({ port: { name }, field }) => {
    const first = name ? names.get(name) : undefined;
    if (name && first === undefined) names.set(name, field);
    if (first === undefined) return [];
    const text = `duplicate port name ${JSON.stringify(name)} with ${first}`;
    return [`${field}: ${text}, services and probes that select ports by name will use ${first}`];
  });
  return [...clashWarnings(ports), ...duplicateNames];
}

function clashWarnings(ports: readonly PlacedPort[]): string[] {
  const warnings: string[] = [];
  const sameNumber = new Map<string, PlacedPort[]>();
  for (const placed of ports) {
    const key = `${placed.port.containerPort}/${placed.port.protocol}`;
    const others = sameNumber.get(key) ?? [];
    sameNumber.set(key, others);
    for (const other of others) {
      if (warnings.length >= CLASHES_MAX) return warnings;
      const text = clashOf(placed.port, other.port);
      if (text !== undefined) warnings.push(`${placed.field}: ${text} port definition with ${other.field}`);
    }
    others.push(placed);
  }
  return warnings;
}

function clashOf(port: ContainerPort, other: ContainerPort): string | undefined {
  const [hostPort, otherHostPort] = [port.hostPort ?? 0, other.hostPort ?? 0];
  const [hostIp, otherHostIp] = [port.hostIP ?? "", other.hostIP ?? ""];
  if (hostIp === otherHostIp && hostPort === otherHostPort) return "duplicate";
  if (hostPort === 0 || otherHostPort === 0) return "overlapping";
  const isOneOpen = (hostIp === "") !== (otherHostIp === "");
  return hostPort === otherHostPort && isOneOpen ? "dangerously ambiguous" : undefined;
}

function affinityWarnings({ affinity }: PodSpec, specPath: string): string[] {
  return (["podAffinity", "podAntiAffinity"] as const).flatMap((kind) => {
    const path = `${specPath}.affinity.${kind}`;
    const {
      requiredDuringSchedulingIgnoredDuringExecution: required = [],
      preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
    } = affinity?.[kind] ?? {};
    return [
      ...required.flatMap(({ labelSelector }, i) =>
        labelSelector
          ? []
          : [`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${NULL_SELECTOR_TEXT}`],
      ),
      ...preferred.flatMap(({ podAffinityTerm }, i) =>
        podAffinityTerm?.labelSelector
          ? []
          : [
              `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${NULL_SELECTOR_TEXT}`,
            ],
      ),
    ];
  });
}
