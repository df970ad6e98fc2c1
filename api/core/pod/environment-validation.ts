// Where a container's environment comes from: values, keys of other objects, facts about the pod.

import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  ObjectFieldSelector,
  Quantity,
  ResourceFieldSelector,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import {
  checkConfigKey,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkEnvironmentName,
  checkQualifiedName,
} from "../../meta/names.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { validateNoBackSteps } from "./path-validation.ts";

export function validateEnvironment(variables: readonly EnvVar[], path: string): FieldError[] {
  return checkEach(variables, ({ name, value, valueFrom }, i) => {
    const field = `${path}[${i}]`;
    return [
      ...(name ? invalidTexts(`${field}.name`, name, checkEnvironmentName(name)) : [required(`${field}.name`)]),
      ...(valueFrom ? validateValueSource(valueFrom, value ?? "", `${field}.valueFrom`) : []),
    ];
  });
}

/** Facts that a container is told as a variable; a file can tell others. */
const VARIABLE_FIELDS = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"],
];

function validateValueSource(source: EnvVarSource, value: string, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const errors: FieldError[] = [];
  if (fieldRef) errors.push(...validateFieldSelector(fieldRef, VARIABLE_FIELDS, `${path}.fieldRef`));
  if (resourceFieldRef) errors.push(...validateResourceSelector(resourceFieldRef, `${path}.resourceFieldRef`));
  if (configMapKeyRef) errors.push(...validateKeySelector(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeySelector(secretKeyRef, `${path}.secretKeyRef`));
  if (fileKeyRef) errors.push(...validateFileSelector(fileKeyRef, `${path}.fileKeyRef`));
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((item) => item);
  const text = faultOfCount(given.length, value);
  return text === undefined ? errors : [...errors, invalidValue(path, "", text)];
}

function faultOfCount(count: number, value: string): string | undefined {
  if (count === 0) {
    return "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  }
  if (value !== "") return "may not be specified when `value` is not empty";
  return count > 1 ? "may not have more than one field specified at a time" : undefined;
}

const SUBSCRIPTED = /^(.+?)\['(.*)'\]$/s;
const WITH_SUBSCRIPTS = ["metadata.annotations", "metadata.labels"];
/** Older clients' name for it. */
const HOST_FIELD = "spec.host";
const FIELDS: ReadonlySet<string> = new Set([
  ...VARIABLE_FIELDS,
  ...WITH_SUBSCRIPTS,
  ...["spec.restartPolicy", "spec.schedulerName", "status.phase"],
]);

/** `allowed`: what may be told here of the pod. */
export function validateFieldSelector(
  { apiVersion = "", fieldPath = "" }: Partial<ObjectFieldSelector>,
  allowed: readonly string[],
  path: string,
): FieldError[] {
  if (apiVersion === "") return [required(`${path}.apiVersion`)];
  if (fieldPath === "") return [required(`${path}.fieldPath`)];
  const refuse = (text: string) => [
    invalidValue(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${text}`),
  ];
  if (apiVersion !== "v1") return refuse(`unsupported pod version: ${apiVersion}`);
  const [, list, key = ""] = SUBSCRIPTED.exec(fieldPath) ?? [];
  if (list !== undefined) {
    if (!WITH_SUBSCRIPTS.includes(list)) return refuse(`field label does not support subscript: ${fieldPath}`);
    const shown = list === "metadata.annotations" ? key.toLowerCase() : key;
    return invalidTexts(path, shown, checkQualifiedName(shown));
  }
  const field = fieldPath === HOST_FIELD ? "spec.nodeName" : fieldPath;
  if (!FIELDS.has(field)) return refuse(`field label not supported: ${fieldPath}`);
  return allowed.includes(field) ? [] : [notSupported(`${path}.fieldPath`, field, allowed)];
}

const RESOURCE_FIELDS = [
  ...["limits.cpu", "limits.ephemeral-storage", "limits.memory"],
  ...["requests.cpu", "requests.ephemeral-storage", "requests.memory"],
];
const HUGE_PAGES = /^(limits|requests)\.hugepages-/;

/** `isFile`: told to all containers, so it must say whose resource it is. */
export function validateResourceSelector(
  { containerName, resource = "", divisor }: Partial<ResourceFieldSelector>,
  path: string,
  isFile = false,
): FieldError[] {
  const errors: FieldError[] = [];
  if (isFile && !containerName) errors.push(required(`${path}.containerName`));
  else if (resource === "") errors.push(required(`${path}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(`${path}.resource`, resource, RESOURCE_FIELDS));
  }
  return [...errors, ...validateDivisor(resource, divisor, path)];
}

const SIZES = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei".split(", ");

function validateDivisor(resource: string, divisor: Quantity | undefined, path: string): FieldError[] {
  if (divisor === undefined || parseQuantity(divisor)?.nanos === 0n) return [];
  const refuse = (text: string) => [invalidValue(`${path}.divisor`, resource, text)];
  const [, name = ""] = /^(?:limits|requests)\.(.*)$/.exec(resource) ?? [];
  if (name === "cpu") {
    const isKnown = ["1m", "1"].includes(String(divisor));
    return isKnown ? [] : refuse("only divisor's values 1m and 1 are supported with the cpu resource");
  }
  const noun = HUGE_PAGES.test(resource) ? "hugepages" : name === "ephemeral-storage" ? `local ${name}` : name;
  if (!["memory", "local ephemeral-storage", "hugepages"].includes(noun) || SIZES.includes(String(divisor))) return [];
  return refuse(`only divisor's values ${SIZES.join(", ")} are supported with the ${noun.replace("-", " ")} resource`);
}

function validateKeySelector(
  { name = "", key }: { readonly name?: string; readonly key?: string },
  path: string,
): FieldError[] {
  return [
    ...invalidTexts(`${path}.name`, name, checkDns1123Subdomain(name)),
    ...(key ? invalidTexts(`${path}.key`, key, checkConfigKey(key)) : [required(`${path}.key`)]),
  ];
}

function validateFileSelector({ key, volumeName, path: file }: Partial<FileKeySelector>, path: string): FieldError[] {
  return [
    ...(key ? invalidTexts(`${path}.key`, key, checkEnvironmentName(key)) : [required(`${path}.key`)]),
    ...(volumeName
      ? invalidTexts(`${path}.volumeName`, volumeName, checkDns1123Label(volumeName))
      : [required(`${path}.volumeName`)]),
    ...(file ? validateNoBackSteps(file, `${path}.path`) : [required(`${path}.path`)]),
  ];
}

/** How many sources there are is told of the list, not of its item. */
export function validateEnvironmentSources(sources: readonly EnvFromSource[], path: string): FieldError[] {
  return checkEach(sources, ({ prefix, configMapRef, secretRef }, i) => {
    const field = `${path}[${i}]`;
    const errors = prefix ? invalidTexts(`${field}.prefix`, prefix, checkEnvironmentName(prefix)) : [];
    if (configMapRef) errors.push(...validateSourceName(configMapRef.name, `${field}.configMapRef.name`));
    if (secretRef) errors.push(...validateSourceName(secretRef.name, `${field}.secretRef.name`));
    if (!configMapRef && !secretRef) {
      errors.push(invalidValue(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (configMapRef && secretRef) {
      errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
    }
    return errors;
  });
}

/** May be the beginning of a name, as in a generated one. */
function validateSourceName(name: string | undefined, field: string): FieldError[] {
  return name ? invalidTexts(field, name, checkDns1123Subdomain(name.replace(/-$/, "a"))) : [required(field)];
}
