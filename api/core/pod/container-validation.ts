// Containers of all three sorts: what they have in common, and what each may not have.

import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notFound, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkDns1123Label, checkPortName, checkPortNumber } from "../../meta/names.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";
import { validateContainerSecurity } from "./container-security-validation.ts";
import { validateEnvironment, validateEnvironmentSources } from "./environment-validation.ts";
import { validateDevices, validateMounts } from "./mount-validation.ts";
import { validateLifecycle, validateProbes } from "./probe-validation.ts";
import { validateResources } from "./resource-validation.ts";
import { validateContainerRestart, validateInitRestart, validateResizePolicy } from "./restart-validation.ts";

export const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];

/** What containers may name of the pod that they are in. */
export interface Surroundings {
  readonly spec: PodSpec;
  /** Those that are sound, by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claims: ReadonlySet<string>;
}

export function validateContainers(surroundings: Surroundings, path: string): FieldError[] {
  const containers = surroundings.spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  const errors = checkEach(containers, (container, i) => {
    const field = `${path}[${i}]`;
    return [
      ...validateContainer(container, surroundings, field),
      ...validateUniqueName(container, names, field),
      ...validateLifecycle(container.lifecycle, surroundings.spec, `${field}.lifecycle`),
      ...validateProbes(container, field),
      ...validateContainerRestart(container, field),
    ];
  });
  return [...errors, ...validateHostPorts(containers, path)];
}

export function validateInitContainers(surroundings: Surroundings, path: string): FieldError[] {
  const { spec } = surroundings;
  const names = new Set((spec.containers ?? []).map(({ name = "" }: Partial<Container>) => name));
  return checkEach(spec.initContainers ?? [], (container, i) => {
    const field = `${path}[${i}]`;
    const staysRunning = container.restartPolicy === "Always";
    return [
      ...validateContainer(container, surroundings, field),
      ...validateInitRestart(container, field),
      ...validateInitName(container, names, field),
      // They run one after the other, and may open the same port.
      ...validateHostPorts([container], path),
      ...(staysRunning ? validateSidecar(container, spec, field) : refuseUnlessSidecar(container, field)),
    ];
  });
}

function validateSidecar(container: Container, spec: PodSpec, path: string): FieldError[] {
  return [...validateLifecycle(container.lifecycle, spec, `${path}.lifecycle`), ...validateProbes(container, path)];
}

function refuseUnlessSidecar(container: Container, path: string): FieldError[] {
  const errors = (["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const)
    .filter((name) => container[name])
    .map((name) => forbidden(`${path}.${name}`, "may not be set for init containers without restartPolicy=Always"));
  for (const [i, { restartPolicy }] of (container.resizePolicy ?? []).entries()) {
    if (restartPolicy !== "RestartContainer") continue;
    const text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errors.push(invalidValue(`${path}.resizePolicy[${i}].restartPolicy`, restartPolicy, text));
  }
  return errors;
}

/** What an ephemeral container cannot have: it joins a pod that already runs. */
const FORBIDDEN_FOR_EPHEMERAL = [
  ...["ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules"],
  ...["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"],
] as const;

export function validateEphemeralContainers(surroundings: Surroundings, path: string): FieldError[] {
  const { spec } = surroundings;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  const text = "cannot be set for an Ephemeral Container";
  return checkEach(spec.ephemeralContainers ?? [], (container, i) => {
    const field = `${path}[${i}]`;
    const errors = [
      ...validateContainer(container, surroundings, field),
      ...validateImageOfPod(container, field),
      ...validateUniqueName(container, names, field),
    ];
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFound(`${field}.targetContainerName`, target));
    const fields: Readonly<Record<string, unknown>> = { ...container }; // looked up by name
    errors.push(
      ...FORBIDDEN_FOR_EPHEMERAL.filter((name) => fields[name] !== undefined)
        .filter((name) => name !== "resources" || hasFields(container.resources))
        .map((name) => forbidden(`${field}.${name}`, text)),
    );
    for (const [j, mount] of (container.volumeMounts ?? []).entries()) {
      if (mount.subPath) errors.push(forbidden(`${field}.volumeMounts[${j}].subPath`, text));
      if (mount.subPathExpr) errors.push(forbidden(`${field}.volumeMounts[${j}].subPathExpr`, text));
    }
    return errors;
  });
}

/** Without resources, a container has the empty ones that it was given. */
function hasFields(resources: object | undefined): boolean {
  return Object.keys(resources ?? {}).length > 0;
}

function validateContainer(
  container: Container | EphemeralContainer,
  { spec, volumes, claims }: Surroundings,
  path: string,
): FieldError[] {
  const { name } = container;
  return [
    ...(name ? invalidTexts(`${path}.name`, name, checkDns1123Label(name)) : [required(`${path}.name`)]),
    ...(container.image ? [] : [required(`${path}.image`)]),
    ...validateChoice(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...validateEnvironment(container.env ?? [], `${path}.env`),
    ...validateEnvironmentSources(container.envFrom ?? [], `${path}.envFrom`),
    ...validateMounts(container, volumes, `${path}.volumeMounts`),
    ...validateDevices(container, volumes, `${path}.volumeDevices`),
    ...validateChoice(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`),
    ...validateResources(container.resources, claims, `${path}.resources`),
    ...validateResizePolicy(container.resizePolicy ?? [], spec.restartPolicy, `${path}.resizePolicy`),
    ...validateContainerSecurity(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`),
  ];
}

/** Templates may say what no pod may. */
export function validateImageOfPod({ image = "" }: { readonly image?: string }, path: string): FieldError[] {
  if (image === image.trim()) return [];
  return [invalidValue(`${path}.image`, image, "must not have leading or trailing whitespace")];
}

function validateUniqueName({ name = "" }: { readonly name?: string }, names: Set<string>, path: string): FieldError[] {
  if (names.has(name)) return [duplicate(`${path}.name`, name)];
  names.add(name);
  return [];
}

/** Several init containers without a name are not told that they share it. */
function validateInitName(container: Container, names: Set<string>, path: string): FieldError[] {
  return container.name || names.has("") ? validateUniqueName(container, names, path) : [];
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const names = new Set<string>();
  return checkEach(ports, (port, i) => {
    const field = `${path}[${i}]`;
    const { name, containerPort, hostPort } = port;
    const errors: FieldError[] = [];
    if (name) {
      const faults = invalidTexts(`${field}.name`, name, checkPortName(name));
      if (faults.length === 0 && names.has(name)) faults.push(duplicate(`${field}.name`, name));
      if (faults.length === 0) names.add(name);
      errors.push(...faults);
    }
    if (!containerPort) errors.push(required(`${field}.containerPort`));
    else errors.push(...invalidTexts(`${field}.containerPort`, containerPort, checkPortNumber(containerPort)));
    if (hostPort) errors.push(...invalidTexts(`${field}.hostPort`, hostPort, checkPortNumber(hostPort)));
    return [...errors, ...validateChoice(port.protocol, PROTOCOLS, `${field}.protocol`)];
  });
}

/** Two containers cannot open one port of the host. */
function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const seen = new Set<string>();
  return containers.flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ protocol = "", hostIP = "", hostPort }, j) => {
      if (!hostPort) return [];
      const identity = `${protocol}/${hostIP}/${hostPort}`;
      if (seen.has(identity)) return [duplicate(`${path}[${i}].ports[${j}].hostPort`, identity)];
      seen.add(identity);
      return [];
    }),
  );
}
