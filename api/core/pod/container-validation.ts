import type {
  Container,
  ContainerPort,
  EnvVar,
  EphemeralContainer,
  PodSpec,
  VolumeMount,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notFound, required } from "../../meta/field-error.ts";
import {
  checkConfigKey,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvironmentName,
  checkPortName,
  checkPortNumber,
} from "../../meta/names.ts";
import { validateChoice } from "../../meta/value-validation.ts";
import { validateLifecycle, validateProbes } from "./probe-validation.ts";
import { validateResources } from "./resource-validation.ts";

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES = ["FallbackToLogsOnError", "File"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];
const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const RESTART_POLICIES = ["Always", "Never", "OnFailure"];

export function validateContainers(
  containers: readonly Container[],
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  return containers.flatMap((container, i) => {
    const field = `${path}[${i}]`;
    return [
      ...validateContainer(container, volumes, field),
      ...validateUniqueName(container.name, names, field),
      ...validateRestartPolicy(container, field),
      ...validateLifecycle(container.lifecycle, `${field}.lifecycle`),
      ...validateProbes(container, field),
    ];
  });
}

export function validateInitContainers(
  containers: readonly Container[],
  regular: readonly Container[],
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const names = new Set(regular.map((container) => container.name));
  return containers.flatMap((container, i) => {
    const field = `${path}[${i}]`;
    const errors = [
      ...validateContainer(container, volumes, field),
      ...validateUniqueName(container.name, names, field),
      ...validateRestartPolicy(container, field),
    ];
    if (container.restartPolicy === "Always") {
      errors.push(...validateLifecycle(container.lifecycle, `${field}.lifecycle`), ...validateProbes(container, field));
      return errors;
    }
    for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
      if (container[name]) {
        errors.push(forbidden(`${field}.${name}`, "may not be set for init containers without restartPolicy=Always"));
      }
    }
    return errors;
  });
}

/** What an ephemeral container cannot have: it joins a pod that already runs. */
const FORBIDDEN_FOR_EPHEMERAL = ["lifecycle", "livenessProbe", "ports", "readinessProbe", "startupProbe"] as const;

export function validateEphemeralContainers(spec: PodSpec, volumes: ReadonlySet<string>, path: string): FieldError[] {
  const names = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  return (spec.ephemeralContainers ?? []).flatMap((container, i) => {
    const field = `${path}[${i}]`;
    const errors = [
      ...validateContainer(container, volumes, field),
      ...validateUniqueName(container.name, names, field),
    ];
    for (const name of FORBIDDEN_FOR_EPHEMERAL) {
      if (container[name]) errors.push(forbidden(`${field}.${name}`, "cannot be set for an Ephemeral Container"));
    }
    const target = container.targetContainerName;
    if (target && !names.has(target)) errors.push(notFound(`${field}.targetContainerName`, target));
    return errors;
  });
}

function validateContainer(
  container: Container | EphemeralContainer,
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) errors.push(required(`${path}.name`));
  else
    errors.push(...checkDns1123Label(container.name).map((text) => invalidValue(`${path}.name`, container.name, text)));
  const image = container.image ?? "";
  if (image === "") errors.push(required(`${path}.image`));
  else if (image !== image.trim()) {
    errors.push(invalidValue(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  errors.push(
    ...validateChoice(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...validatePorts(container.ports ?? [], `${path}.ports`),
    ...(container.env ?? []).flatMap((variable, i) => validateVariable(variable, `${path}.env[${i}]`)),
    ...validateEnvFrom(container, path),
    ...validateVolumeMounts(container.volumeMounts ?? [], volumes, `${path}.volumeMounts`),
    ...validateChoice(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`),
    ...validateResources(container.resources, `${path}.resources`),
  );
  return errors;
}

function validateUniqueName(name: string, names: Set<string>, path: string): FieldError[] {
  if (names.has(name)) return [duplicate(`${path}.name`, name)];
  if (name) names.add(name);
  return [];
}

function validateRestartPolicy({ restartPolicy, restartPolicyRules }: Container, path: string): FieldError[] {
  if (restartPolicy === undefined) {
    return restartPolicyRules?.length
      ? [required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used")]
      : [];
  }
  return validateChoice(restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`);
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const field = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const texts = checkPortName(port.name);
      errors.push(...texts.map((text) => invalidValue(`${field}.name`, port.name, text)));
      if (texts.length === 0 && names.has(port.name)) errors.push(duplicate(`${field}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${field}.containerPort`));
    else {
      const { containerPort } = port;
      errors.push(
        ...checkPortNumber(containerPort).map((text) => invalidValue(`${field}.containerPort`, containerPort, text)),
      );
    }
    if (port.hostPort) {
      errors.push(
        ...checkPortNumber(port.hostPort).map((text) => invalidValue(`${field}.hostPort`, port.hostPort, text)),
      );
    }
    return [...errors, ...validateChoice(port.protocol, PROTOCOLS, `${field}.protocol`)];
  });
}

const VALUE_SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] as const;

function validateVariable({ name, value, valueFrom }: EnvVar, path: string): FieldError[] {
  const errors: FieldError[] = name
    ? checkEnvironmentName(name).map((text) => invalidValue(`${path}.name`, name, text))
    : [required(`${path}.name`)];
  if (!valueFrom) return errors;
  const field = `${path}.valueFrom`;
  const count = VALUE_SOURCES.filter((source) => valueFrom[source] !== undefined).length;
  if (count === 0) {
    const text =
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalidValue(field, "", text));
  } else if (value) errors.push(invalidValue(field, "", "may not be specified when `value` is not empty"));
  else if (count > 1) errors.push(invalidValue(field, "", "may not have more than one field specified at a time"));
  for (const source of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = valueFrom[source];
    if (!reference) continue;
    if (!reference.name) errors.push(required(`${field}.${source}.name`));
    if (!reference.key) errors.push(required(`${field}.${source}.key`));
    else {
      errors.push(
        ...checkConfigKey(reference.key).map((text) => invalidValue(`${field}.${source}.key`, reference.key, text)),
      );
    }
  }
  if (valueFrom.fieldRef && !valueFrom.fieldRef.fieldPath) errors.push(required(`${field}.fieldRef.fieldPath`));
  if (valueFrom.resourceFieldRef && !valueFrom.resourceFieldRef.resource) {
    errors.push(required(`${field}.resourceFieldRef.resource`));
  }
  return errors;
}

function validateEnvFrom({ envFrom }: Container | EphemeralContainer, path: string): FieldError[] {
  return (envFrom ?? []).flatMap((source, i) => {
    const field = `${path}.envFrom[${i}]`;
    const { configMapRef, secretRef } = source;
    if (!configMapRef && !secretRef) {
      return [invalidValue(field, "", "must specify one of: `configMapRef` or `secretRef`")];
    }
    if (configMapRef && secretRef) {
      return [invalidValue(field, "", "may not have more than one field specified at a time")];
    }
    const name = configMapRef?.name ?? secretRef?.name ?? "";
    const nameField = `${field}.${configMapRef ? "configMapRef" : "secretRef"}.name`;
    return name === ""
      ? [required(nameField)]
      : checkDns1123Subdomain(name).map((text) => invalidValue(nameField, name, text));
  });
}

function validateVolumeMounts(
  mounts: readonly VolumeMount[],
  volumes: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const mountPaths = new Set<string>();
  return mounts.flatMap((mount, i) => {
    const field = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (!mount.name) errors.push(required(`${field}.name`));
    if (!volumes.has(mount.name)) errors.push(notFound(`${field}.name`, mount.name ?? ""));
    if (!mount.mountPath) errors.push(required(`${field}.mountPath`));
    if (mountPaths.has(mount.mountPath))
      errors.push(invalidValue(`${field}.mountPath`, mount.mountPath, "must be unique"));
    mountPaths.add(mount.mountPath);
    for (const name of ["subPath", "subPathExpr"] as const) {
      const subPath = mount[name];
      if (!subPath) continue;
      if (subPath.startsWith("/")) errors.push(invalidValue(`${field}.${name}`, subPath, "must be a relative path"));
      if (subPath.split("/").includes(".."))
        errors.push(invalidValue(`${field}.${name}`, subPath, "must not contain '..'"));
    }
    if (mount.subPath && mount.subPathExpr) {
      errors.push(
        invalidValue(`${field}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"),
      );
    }
    if (mount.mountPropagation) {
      errors.push(...validateChoice(mount.mountPropagation, PROPAGATIONS, `${field}.mountPropagation`));
    }
    return errors;
  });
}
