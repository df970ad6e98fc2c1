// The variables of a container, complete and expanded, in the order in which they win: `envFrom` first, `env` after it.

import type { Container, EnvVarSource, Pod } from "@atoll/api/generated/types";
import { ownValue } from "@atoll/base/own-value";
import { type DownwardHost, fieldValue, resourceValue } from "./downward-fields.ts";
import { type ObjectSource, PodSourceError } from "./object-source.ts";
import { expandVariables } from "./variable-expansion.ts";

/** Throws PodSourceError (the container's reason is then CreateContainerConfigError) for what is missing and not optional. */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  options: { readonly source: ObjectSource; readonly host: DownwardHost },
): Promise<Map<string, string>> {
  const variables = new Map<string, string>();
  for (const from of container.envFrom ?? []) {
    for (const [name, value] of await valuesFrom(pod, from, options.source)) {
      if (isVariableName(name)) variables.set(`${from.prefix ?? ""}${name}`, value);
    }
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? await valueFrom(pod, container, variable.valueFrom, options)
      : expandVariables(variable.value ?? "", variables);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return variables;
}

async function valuesFrom(
  pod: Pod,
  from: NonNullable<Container["envFrom"]>[number],
  source: ObjectSource,
): Promise<[string, string][]> {
  const namespace = pod.metadata.namespace ?? "";
  if (from.configMapRef) {
    const { name = "", optional } = from.configMapRef;
    const found = await source.configMap(namespace, name);
    if (!found && !optional) throw new PodSourceError(`configmap "${name}" not found`);
    return Object.entries(found?.data ?? {});
  }
  if (from.secretRef) {
    const { name = "", optional } = from.secretRef;
    const found = await source.secret(namespace, name);
    if (!found && !optional) throw new PodSourceError(`secret "${name}" not found`);
    return Object.entries(found?.data ?? {}).map(([key, value]) => [key, decodeBase64(value)]);
  }
  return [];
}

async function valueFrom(
  pod: Pod,
  container: Container,
  from: EnvVarSource,
  { source, host }: { readonly source: ObjectSource; readonly host: DownwardHost },
): Promise<string | undefined> {
  const namespace = pod.metadata.namespace ?? "";
  if (from.fieldRef) {
    const value = fieldValue(pod, from.fieldRef, host);
    if (value === undefined) throw new PodSourceError(`unsupported fieldPath: ${from.fieldRef.fieldPath}`);
    return value;
  }
  if (from.resourceFieldRef) return resourceValue(pod, from.resourceFieldRef, container, host);
  if (from.configMapKeyRef) {
    const { name = "", key, optional } = from.configMapKeyRef;
    const found = await source.configMap(namespace, name);
    const value = ownValue(found?.data, key);
    if (value === undefined && !optional) throw missing("configmap", "ConfigMap", { namespace, name, key }, found);
    return value;
  }
  if (from.secretKeyRef) {
    const { name = "", key, optional } = from.secretKeyRef;
    const found = await source.secret(namespace, name);
    const value = ownValue(found?.data, key);
    if (value === undefined && !optional) throw missing("secret", "Secret", { namespace, name, key }, found);
    return value === undefined ? undefined : decodeBase64(value);
  }
  return undefined;
}

function missing(
  plural: string,
  kind: string,
  reference: { readonly namespace: string; readonly name: string; readonly key: string },
  found: unknown,
): PodSourceError {
  const { namespace, name, key } = reference;
  return new PodSourceError(
    found ? `couldn't find key ${key} in ${kind} ${namespace}/${name}` : `${plural} "${name}" not found`,
  );
}

/** A name with "=" or NUL could smuggle another variable in. */
function isVariableName(name: string): boolean {
  return name !== "" && !/[=\0]/.test(name);
}

function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
