// What is refused of a custom resource: by the schema of its version, by the rules in it, and by where its replicas are counted.

import type { CustomResourceDefinitionVersion, CustomResourceSubresourceScale } from "@atoll/api/generated/types";
import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import { checkQualifiedName } from "@atoll/api/meta/names";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { type RuleSet, ruleSetOf } from "@atoll/machinery/cel/schema/rule-set";
import { fieldsOfPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { validateValue } from "@atoll/machinery/object/structural-schema/validate";

type Validation = Pick<KindDefinition, "validateCreate" | "validateUpdate" | "validateStatusUpdate" | "warningsOf">;

/** A fault of one of these kinds: rules could fall over the object, and are not asked. */
const BLOCKING: ReadonlySet<FieldError["type"]> = new Set([
  ...(["FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany"] as const),
  ...(["FieldValueTypeInvalid", "FieldValueNotSupported"] as const),
]);
/** How upstream names the object as a whole. */
const ROOT = "<nil>";
const UNCHECKED = invalidValue(
  ROOT,
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);

export function customValidation(version: CustomResourceDefinitionVersion, schema: StructuralSchema): Validation {
  const scale = version.subresources?.scale;
  // Rules are compiled when the first object comes: most kinds that are served see none for long.
  let rules: { readonly set: RuleSet | undefined } | undefined;
  const validate = (object: KubeObject, old: KubeObject | undefined, counts: readonly FieldError[]): FieldError[] => {
    const faults = [...validateValue(schemaSubject(object), schema, "", old && schemaSubject(old)), ...counts];
    rules ??= { set: ruleSetOf(schema) };
    const isBlocked = faults.some(({ type }) => BLOCKING.has(type));
    if (rules.set) faults.push(...(isBlocked ? [UNCHECKED] : rules.set.validate(object, old)));
    return faults.map((fault) => (fault.field === "" ? { ...fault, field: ROOT } : fault));
  };
  return {
    validateCreate: (object) => validate(object, undefined, scaleFaults(object, scale)),
    validateUpdate: (object, old) => validate(object, old, scaleFaults(object, scale)),
    validateStatusUpdate: (object, old) => validate(object, old, statusScaleFaults(object, scale)),
    warningsOf: finalizerWarnings,
  };
}

/** The API's own part of the object has been checked; a schema may say something of the name alone. */
function schemaSubject({ metadata, ...rest }: KubeObject): Record<string, unknown> {
  const { name, generateName } = metadata;
  return { ...rest, metadata: { name, ...(generateName ? { generateName } : {}) } };
}

function scaleFaults(object: KubeObject, scale: CustomResourceSubresourceScale | undefined): FieldError[] {
  if (!scale) return [];
  return [...replicaFaults(object, scale.specReplicasPath), ...statusScaleFaults(object, scale)];
}

function statusScaleFaults(object: KubeObject, scale: CustomResourceSubresourceScale | undefined): FieldError[] {
  if (!scale) return [];
  const { statusReplicasPath, labelSelectorPath } = scale;
  const errors = replicaFaults(object, statusReplicasPath);
  if (labelSelectorPath === undefined) return errors;
  const selector = valueAt(object, labelSelectorPath);
  if ("fault" in selector) return [...errors, invalidValue(labelSelectorPath, "", selector.fault)];
  if (selector.value === undefined || typeof selector.value === "string") return errors;
  return [...errors, invalidValue(labelSelectorPath, "", accessorFault(labelSelectorPath, selector.value, "string"))];
}

const REPLICAS_MAX = 2_147_483_647;

function replicaFaults(object: KubeObject, path: string): FieldError[] {
  const found = valueAt(object, path);
  if ("fault" in found) return [invalidValue(path, 0, found.fault)];
  const { value = 0 } = found;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    return [invalidValue(path, 0, accessorFault(path, value, "int64"))];
  }
  if (value < 0) return [invalidValue(path, value, "should be a non-negative integer")];
  if (value <= REPLICAS_MAX) return [];
  return [invalidValue(path, value, `should be less than or equal to ${REPLICAS_MAX}`)];
}

/** Undefined where nothing stands; a fault where something on the way has no fields. */
function valueAt(object: KubeObject, path: string): { readonly value: unknown } | { readonly fault: string } {
  let value: unknown = object;
  const names = fieldsOfPath(parseJsonPath(path)) ?? [];
  for (const [index, name] of names.entries()) {
    if (value === null) return { value: undefined };
    if (!isRecord(value)) {
      return { fault: accessorFault(`.${names.slice(0, index + 1).join(".")}`, value, "map[string]interface{}") };
    }
    if (!Object.hasOwn(value, name)) return { value: undefined };
    value = value[name];
  }
  return { value };
}

function accessorFault(path: string, value: unknown, wanted: string): string {
  return `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`;
}

/** As Go prints a value. */
function goText(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isRecord(value)) return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[${entries.map(([name, item]) => `${name}:${goText(item)}`).join(" ")}]`;
}

function goTypeOf(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  if (typeof value === "boolean") return "bool";
  return typeof value === "object" ? "map[string]interface {}" : "string";
}

const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

/** Of those that were not there before. */
function finalizerWarnings({ metadata }: KubeObject, old?: KubeObject): string[] {
  const before = old?.metadata.finalizers ?? [];
  const added = [...new Set(metadata.finalizers)].filter((name) => !before.includes(name)).sort();
  return added.flatMap((name) => {
    const subject = `metadata.finalizers: ${JSON.stringify(name)}: `;
    const warnings = checkQualifiedName(name).map((text) => subject + text);
    if (name.includes("/") || STANDARD_FINALIZERS.has(name)) return warnings;
    const better = `prefer a domain-qualified finalizer name${name.includes(".") ? " including a path (/)" : ""}`;
    return [...warnings, `${subject}${better} to avoid accidental conflicts with other finalizer writers`];
  });
}
