// Upstream's errors show structs as its server has them: by the names of Go, with every field that nobody has set, in the order
// of their types. Maps are sorted. Whoever reads the message for a person does not mind; whoever compares it does.

import { GO_NAMES } from "@atoll/api/facts/go-names";
import { schemaModel } from "@atoll/api/generated/schemas";
import { emptiesOf } from "@atoll/api/meta/said-empty";
import type { Schema } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";

type Json = Readonly<Record<string, unknown>>;

interface ShownField {
  /** As upstream writes it. */
  readonly name: string;
  /** In the object. */
  readonly field: string;
  /** Undefined: left out while it is empty. */
  readonly zero: unknown;
  /** Its own fields stand among the others. */
  readonly isSpread: boolean;
}

const OMITTED = undefined;
/** Kept as it was sent. */
const RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension";

/** What all kinds have, those that others define, too. */
const METADATA: Schema = { ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" };

/** The schema of what a path leads to: "spec.rules[0].backend". Undefined where no field of the kind is called so. */
export function schemaAt(definition: string, path: string): Schema | undefined {
  const isKnown = definition in schemaModel.definitions;
  let schema: Schema | undefined = isKnown ? { ref: definition } : { properties: { metadata: METADATA } };
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[([^[\]]*)\]/g)) {
    const found: Schema = resolve(schema);
    schema = name === undefined ? (found.items ?? found.additionalProperties) : ownValue(found.properties, name);
    if (!schema || (name === undefined && index === undefined)) return undefined;
  }
  return schema;
}

export function showValue(schema: Schema | undefined, value: unknown): string {
  return escapeAsGo(JSON.stringify(ordered(schema, value)));
}

/** A copy whose fields are those that upstream shows, in its order. */
function ordered(schema: Schema | undefined, value: unknown): unknown {
  const { items, additionalProperties, properties } = schema ? resolve(schema) : {};
  if (Array.isArray(value)) return value.map((item) => ordered(items, item));
  if (!isRecord(value)) return value;
  const fields = schema?.ref === undefined ? undefined : fieldsOf(schema.ref);
  if (fields) return asStruct(fields, properties ?? {}, value);
  if (schema?.ref === RAW_EXTENSION) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(
    names.map((name) => [name, ordered(ownValue(properties, name) ?? additionalProperties, value[name])]),
  );
}

function asStruct(fields: readonly ShownField[], properties: Readonly<Record<string, Schema>>, value: Json): Json {
  const moved = withMovedFields({ ...Object.fromEntries(emptiesOf(value) ?? []), ...value });
  const shown: Record<string, unknown> = {};
  for (const { name, field, zero, isSpread } of fields) {
    const schema = properties[field];
    const inside = moved[field];
    if (isSpread) Object.assign(shown, ordered(schema, inside ?? {}));
    else if (zero === OMITTED) {
      if (!isEmpty(inside)) shown[name] = ordered(schema, inside);
    } else shown[name] = ordered(schema, inside ?? zero);
  }
  return shown;
}

const MOVED_INTO_SECURITY = ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"];

/** What the API has in a pod's spec stands in its security context there. */
function withMovedFields(value: Json): Json {
  const { securityContext } = value;
  if (!isRecord(securityContext) || !("containers" in value)) return value;
  const moved = MOVED_INTO_SECURITY.filter((name) => name in value).map((name) => [name, value[name]]);
  return { ...value, securityContext: { ...securityContext, ...Object.fromEntries(moved) } };
}

const known = new Map<string, readonly ShownField[] | undefined>();

function fieldsOf(definition: string): readonly ShownField[] | undefined {
  if (!known.has(definition)) known.set(definition, GO_NAMES[definition]?.split(" ").map(readField));
  return known.get(definition);
}

function readField(text: string): ShownField {
  const isSpread = text.startsWith("...");
  const [, name = "", field = name, zero] = /^(?:\.\.\.)?(\w+)(?:=(\w+))?(?:\?|:(.*))?$/.exec(text) ?? [];
  return { name, field, isSpread, zero: zero === undefined ? OMITTED : JSON.parse(zero) };
}

function resolve(schema: Schema): Schema {
  return schema.ref === undefined ? schema : (schemaModel.definitions[schema.ref] ?? {});
}

/** Zeros that are there are there on purpose. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === "") return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** Go writes JSON so that it can stand in HTML. */
function escapeAsGo(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
