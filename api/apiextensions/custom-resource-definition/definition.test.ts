// What a definition is refused for, by upstream's paths; its defaults and rules are looked at where they can be read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CustomResourceDefinition } from "../../generated/types.ts";
import { applyDefinitionDefaults } from "./defaults.ts";
import { customResourceDefinitionKind } from "./kind.ts";

type Json = Record<string, unknown>;

const root = (spec: Json, more: Json = {}) => ({ type: "object", properties: { spec }, ...more });
const version = (openAPIV3Schema: Json | undefined, more: Json = {}) => ({
  ...{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } },
  ...more,
});

function definitionOf(versions: readonly Json[], more: Json = {}): CustomResourceDefinition {
  const names = { plural: "things", kind: "Thing" };
  const spec = { group: "g.example.com", scope: "Cluster", names, versions, ...more };
  const made = { metadata: { name: "things.g.example.com" }, spec } as unknown as CustomResourceDefinition; // much is left out
  applyDefinitionDefaults(made);
  customResourceDefinitionKind.prepareForCreate?.(made);
  return made;
}

function faultsOf(definition: CustomResourceDefinition): string[] {
  const faults = customResourceDefinitionKind.validateCreate?.(definition) ?? [];
  return faults.map(({ field, type }) => `${type.slice("FieldValue".length)} ${field}`);
}

/** Below the one field that is said. */
const schemaFaults = (field: Json): string[] => {
  const path = "spec.validation.openAPIV3Schema.properties[spec].";
  return faultsOf(definitionOf([version(root(field))])).map((fault) => fault.replace(path, ""));
};

const text = { type: "string" };
const list = (more: Json) => ({ type: "array", items: { type: "object", properties: { k: text } }, ...more });
const KEYS = "x-kubernetes-list-map-keys";
const LIST = "x-kubernetes-list-type";

const SCHEMAS: readonly (readonly [schema: Json, ...faults: string[]])[] = [
  [text],
  [{}, "Required type"],
  [{ type: "strange" }, "NotSupported type"],
  [{ type: "array" }, "Required items"],
  [{ type: "array", items: [text] }, "Forbidden items"],
  [{ type: "array", items: text, uniqueItems: true }, "Forbidden uniqueItems"],
  [{ type: "string", pattern: "(" }, "Invalid pattern"],
  [{ $ref: "#/x" }, "Forbidden $ref"],
  [{ type: "object", additionalProperties: true, properties: { a: text } }],
  [{ type: "object", additionalProperties: text, properties: { a: text } }, "Forbidden additionalProperties"],
  [{ type: "object", "x-kubernetes-preserve-unknown-fields": false }, "Invalid x-kubernetes-preserve-unknown-fields"],
  [{ "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] }],
  [
    { "x-kubernetes-int-or-string": true, anyOf: [{ type: "string" }, { type: "integer" }] },
    "Forbidden anyOf[0].type",
    "Forbidden anyOf[1].type",
  ],
  [{ type: "object", "x-kubernetes-embedded-resource": true }, "Required properties"],
  [{ type: "string", "x-kubernetes-embedded-resource": true }, "Required properties", "Invalid type"],
  [list({ [LIST]: "map", [KEYS]: ["k"] }), "Required items.properties[k].default"],
  [list({ [LIST]: "map", [KEYS]: ["none"] }), `Invalid ${KEYS}`],
  [list({ [LIST]: "set" }), "Invalid items.x-kubernetes-map-type"],
  [{ type: "array", items: { ...text, nullable: true }, [LIST]: "set" }, "Forbidden items.nullable"],
  [{ type: "string", "x-kubernetes-map-type": "tree" }, "Invalid type", "NotSupported x-kubernetes-map-type"],
  [
    { type: "object", properties: { a: text }, anyOf: [{ required: ["a"] }, { properties: { b: text } }] },
    "Forbidden anyOf[1].properties[b].type",
  ],
];

describe("a schema", () => {
  for (const [schema, ...faults] of SCHEMAS) {
    test(JSON.stringify(schema).slice(0, 90), () => assert.deepEqual(schemaFaults(schema), faults));
  }

  test("has at its root what a status can be held against alone, and metadata with names at most", () => {
    const status = { subresources: { status: {} } };
    const names = { type: "object", properties: { name: text } };
    const labels = { type: "object", properties: { labels: { type: "object" } } };
    const path = "spec.validation.openAPIV3Schema";
    const faults = (more: Json) => faultsOf(definitionOf([version(root(text, more), status)]));
    assert.deepEqual(faults({ properties: { metadata: names } }), []);
    assert.deepEqual(faults({ properties: { metadata: labels } }), [`Forbidden ${path}.properties[metadata]`]);
    assert.deepEqual(faults({ nullable: true }), [`Invalid ${path}`, `Forbidden ${path}.nullable`]);
  });
});

describe("a definition", () => {
  test("has what all versions say in its spec, and what one says in the version", () => {
    const other = (schema: Json) => version(root(schema), { name: "v2", storage: false });
    assert.deepEqual(faultsOf(definitionOf([version(root({})), other({})])), [
      "Required spec.validation.openAPIV3Schema.properties[spec].type",
    ]);
    assert.deepEqual(faultsOf(definitionOf([version(root({})), other(text)])), [
      "Required spec.versions[0].schema.openAPIV3Schema.properties[spec].type",
    ]);
  });

  test("says of its columns, its scale and its fields to select by where they lead", () => {
    const spec = { type: "object", properties: { size: { type: "integer" }, list: { type: "array", items: text } } };
    const more = {
      additionalPrinterColumns: [{ name: "A", type: "colour", jsonPath: "x" }],
      subresources: { scale: { specReplicasPath: ".status.n", statusReplicasPath: "n" } },
      selectableFields: [".spec.size", ".spec.size", ".spec.list", ".spec.none", ".spec.list[0]"].map((jsonPath) => ({
        jsonPath,
      })),
    };
    assert.deepEqual(faultsOf(definitionOf([version(root(spec), more)])), [
      "Invalid spec.subresources.scale.specReplicasPath",
      "Invalid spec.subresources.scale.statusReplicasPath",
      "Invalid spec.additionalPrinterColumns[0].type",
      "Invalid spec.additionalPrinterColumns[0].JSONPath",
      "Duplicate spec.selectableFields[1].jsonPath",
      "Invalid spec.selectableFields[2].jsonPath",
      "Invalid spec.selectableFields[3].jsonPath",
      "Invalid spec.selectableFields[4].jsonPath",
    ]);
  });

  test("says once more of fields to select that its schema cannot be read", () => {
    const spec = { type: "object", "x-kubernetes-preserve-unknown-fields": false };
    const more = { selectableFields: [{ jsonPath: "spec" }] };
    const faults = faultsOf(definitionOf([version(root(spec), more)]));
    assert.ok(faults.includes("Invalid spec.schema.openAPIV3Schema"), faults.join(", "));
  });

  test("keeps its group and its plural, and once it is established its kind and its scope", () => {
    const old = definitionOf([version(root(text))]);
    const names = { plural: "others", kind: "Other", singular: "other", listKind: "OtherList" };
    const changed = definitionOf([version(root(text))], { names, scope: "Namespaced" });
    const fieldsOf = () => customResourceDefinitionKind.validateUpdate?.(changed, old).map(({ field }) => field);
    assert.deepEqual(fieldsOf(), ["spec.names.plural"]);
    old.status = { ...old.status, conditions: [{ type: "Established", status: "True" }] };
    assert.deepEqual(fieldsOf(), ["spec.scope", "spec.names.kind", "spec.names.plural"]);
  });

  test("warns of formats that nobody checks, once", () => {
    const definition = definitionOf([version(root({ ...text, format: "unheard-of" }))]);
    const { warningsOf } = customResourceDefinitionKind;
    assert.deepEqual(warningsOf?.(definition), ['unrecognized format "unheard-of"']);
    assert.deepEqual(warningsOf?.(definition, definition), []);
    assert.deepEqual(warningsOf?.(definitionOf([version(root({ ...text, format: "date-time" }))])), []);
  });
});
