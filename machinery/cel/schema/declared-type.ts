// The type that a schema declares for expressions, with how large its values can get: estimates of costs go by that.

import { isRecord } from "@atoll/base/is-record";
import type { StructuralSchema } from "../../object/structural-schema/structural-schema.ts";
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  objectType,
  STRING,
  TIMESTAMP,
} from "../check/cel-type.ts";
import type { ObjectDeclaration } from "../check/environment.ts";
import type { SizeOfPath } from "../cost/operand.ts";
import { escapeName } from "./escape.ts";

/** Bytes: no larger object is ever taken. */
export const REQUEST_SIZE_MAX = 3 * 1024 * 1024;

export interface DeclaredType {
  readonly type: CelType;
  /** Characters, bytes, items or entries. */
  readonly elementsMax: number;
  /** Bytes of its shortest JSON. */
  readonly sizeMin: number;
  /** Of a list's items and of a map's values. */
  readonly element?: DeclaredType;
  /** Of an object, by their names in expressions. */
  readonly fields?: ReadonlyMap<string, DeclaredType>;
  /** All the object types in it, itself first. */
  readonly objects: readonly ObjectDeclaration[];
}

const STRING_TYPE = simple(STRING, 2);
const META: StructuralSchema = {
  type: "object",
  properties: { name: { type: "string" }, generateName: { type: "string" } },
};

/** What every whole object has for rules at its root, described or not. */
export function withObjectFields(schema: StructuralSchema): StructuralSchema {
  const { kind, apiVersion, metadata } = schema.properties ?? {};
  const isDescribed = kind?.type === "string" && apiVersion?.type === "string" && metadata?.type === "object";
  const names = metadata?.properties;
  if (isDescribed && names?.name?.type === "string" && names.generateName?.type === "string") return schema;
  const string: StructuralSchema = { type: "string" };
  return { ...schema, properties: { ...schema.properties, kind: string, apiVersion: string, metadata: META } };
}

/**
 * Undefined: expressions cannot see such values, and rules of the schema have nothing to look at. The name is that of the
 * type, if it is an object; objects within get theirs by their place.
 */
export function declaredType(
  schema: StructuralSchema,
  name: string,
  isResourceRoot = schema["x-kubernetes-embedded-resource"] === true,
): DeclaredType | undefined {
  if (schema["x-kubernetes-int-or-string"]) return simple(DYN, 1, stringLengthMax(schema, REQUEST_SIZE_MAX - 2));
  const whole = isResourceRoot ? withObjectFields(schema) : schema;
  switch (whole.type) {
    case "array":
      return arrayType(whole, name);
    case "object":
      return isRecord(whole.additionalProperties) ? mapType(whole, name) : fieldsType(whole, name);
    case "string":
      return stringType(whole);
    case "boolean":
      return simple(BOOL, 4);
    case "number":
      return simple(DOUBLE, 1);
    case "integer":
      return simple(INT, 1);
    default:
      return undefined;
  }
}

function simple(type: CelType, sizeMin: number, elementsMax = 0): DeclaredType {
  return { type, sizeMin, elementsMax, objects: [] };
}

function arrayType({ items, maxItems }: StructuralSchema, name: string): DeclaredType | undefined {
  const element = items && declaredType(items, `${name}.@idx`);
  if (!element) return undefined;
  const elementsMax = maxItems ?? Math.trunc((REQUEST_SIZE_MAX - 2) / (element.sizeMin + 1));
  return {
    type: listOf(element.type),
    sizeMin: 2,
    elementsMax: Math.max(0, elementsMax),
    element,
    objects: element.objects,
  };
}

function mapType({ additionalProperties, maxProperties }: StructuralSchema, name: string): DeclaredType | undefined {
  const element = isRecord(additionalProperties) ? declaredType(additionalProperties, `${name}.@elem`) : undefined;
  if (!element) return undefined;
  const elementsMax = maxProperties ?? Math.trunc((REQUEST_SIZE_MAX - 2) / (element.sizeMin + 6));
  const type = mapOf(STRING, element.type);
  return { type, sizeMin: 2, elementsMax: Math.max(0, elementsMax), element, objects: element.objects };
}

function fieldsType(schema: StructuralSchema, name: string): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let sizeMin = 2;
  for (const [field, child] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(field);
    const declared = declaredType(child, `${name}.${escaped ?? field}`);
    if (!declared) continue;
    if (escaped !== undefined) fields.set(escaped, declared);
    // What has a default is filled in here: the client need not send it.
    const isSent = schema.required?.includes(field) === true && child.default === undefined;
    if (isSent) sizeMin += field.length + declared.sizeMin + 4;
  }
  const own: ObjectDeclaration = { name, fieldType: (field) => fields.get(field)?.type };
  const objects = [own, ...[...fields.values()].flatMap((field) => field.objects)];
  return { type: objectType(name), sizeMin, elementsMax: 0, fields, objects };
}

function stringType(schema: StructuralSchema): DeclaredType {
  switch (schema.format) {
    case "byte":
      return simple(BYTES, 2, Math.max(0, schema.maxLength ?? REQUEST_SIZE_MAX - 2));
    case "duration":
      return simple(DURATION, 3, 32);
    case "date":
      return simple(TIMESTAMP, 12, 12);
    case "date-time":
      return simple(TIMESTAMP, 21, 32);
    default:
      return simple(STRING, 2, stringLengthMax(schema, longestChoice(schema) ?? REQUEST_SIZE_MAX - 2));
  }
}

/** A length counts characters, sizes count bytes: up to four for one. */
function stringLengthMax({ maxLength }: StructuralSchema, otherwise: number): number {
  return maxLength === undefined ? otherwise : Math.max(0, maxLength) * 4;
}

function longestChoice({ enum: choices }: StructuralSchema): number | undefined {
  if (!choices || choices.length === 0) return undefined;
  const lengths = choices.map((choice) => (typeof choice === "string" ? new TextEncoder().encode(choice).length : 0));
  return Math.max(...lengths);
}

/** For expressions in which the declared type is the one variable that has sizes. */
export function sizesOf(root: DeclaredType): SizeOfPath {
  return (path) => {
    let declared: DeclaredType | undefined = root;
    for (const step of path.slice(1)) {
      if (step === "@keys") declared = declared.element && !declared.fields ? keysOf(declared) : undefined;
      else declared = step === "@items" || step === "@values" ? declared.element : declared.fields?.get(step);
      if (!declared) return undefined;
    }
    return { min: 0, max: declared.elementsMax };
  };
}

/** Of a list there are none. */
function keysOf(declared: DeclaredType): DeclaredType | undefined {
  return declared.type.kind === "map" ? STRING_TYPE : undefined;
}
