// Refuses defaults that their own schemas would refuse: such a default would make every object that it fills in wrong.

import { schemaModel } from "@atoll/api/generated/schemas";
import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import { ruleSetOf } from "@atoll/machinery/cel/schema/rule-set";
import { decodeObject } from "@atoll/machinery/object/decoding/decode-object";
import { readEmbedded } from "@atoll/machinery/object/structural-schema/embedded";
import { pruneObject, pruneValue } from "@atoll/machinery/object/structural-schema/prune";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { validateValue } from "@atoll/machinery/object/structural-schema/validate";
import { OBJECT_META } from "./custom-kind.ts";

/** The whole object is one, and checked as such. */
export function validateDefaults(schema: StructuralSchema, path: string): FieldError[] {
  return faultsIn({ ...schema, "x-kubernetes-embedded-resource": true }, path);
}

/** What is in maps is not looked at: no default may stand there that could be told apart. */
function faultsIn(schema: StructuralSchema, path: string): FieldError[] {
  const { properties = {}, items } = schema;
  return [
    ...(schema.default === undefined ? [] : defaultFaults(schema, `${path}.default`)),
    ...(items ? faultsIn(items, `${path}.items`) : []),
    ...Object.entries(properties).flatMap(([name, child]) => faultsIn(child, `${path}.properties[${name}]`)),
  ];
}

function defaultFaults(schema: StructuralSchema, path: string): FieldError[] {
  const value = structuredClone(schema.default);
  const isObject = schema["x-kubernetes-embedded-resource"] === true;
  const removed =
    isObject && typeof value === "object" && value !== null ? pruneObject(value, schema) : pruneValue(value, schema);
  const errors = removed.length > 0 ? [invalidValue(path, schema.default, "must not have unknown fields")] : [];
  const kept = structuredClone(schema.default);
  const embedded = readEmbedded(kept, schema, (metadata) => decodeObject(schemaModel, OBJECT_META, metadata));
  if (embedded.errors.length > 0) {
    return [...errors, ...embedded.errors.map(({ field, message }) => refused(`${path}${below(field)}`, message))];
  }
  // The texts know nothing of where the default stands.
  const faults = validateValue(kept, schema, "");
  const placed = faults.map((fault) => ({ ...fault, field: `${path}${below(fault.field)}` }));
  return [...errors, ...(placed.length > 0 ? placed : ruleFaults(schema, kept, path))];
}

/** As an update that changes nothing, and as what is new. */
function ruleFaults(schema: StructuralSchema, value: unknown, path: string): FieldError[] {
  const rules = ruleSetOf(schema);
  if (!rules) return [];
  const faults = rules.validate(value, value);
  const all = faults.length > 0 ? faults : rules.validate(value);
  return all.map((fault) => ({ ...fault, field: `${path}${below(fault.field)}` }));
}

function below(field: string): string {
  return field === "" || field.startsWith("[") ? field : `.${field}`;
}

/** The message begins with a path of its own. */
function refused(field: string, message: string): FieldError {
  return { type: "FieldValueInvalid", field, message: message.slice(message.indexOf("Invalid value: ")) };
}
