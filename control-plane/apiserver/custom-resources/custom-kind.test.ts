import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { customKind } from "./custom-kind.ts";
import { customDefinitions } from "./schema-definitions.ts";

interface Parts {
  readonly spec?: object;
  readonly more?: object;
}

const version = (name: string, { spec = {}, more = {} }: Parts): CustomResourceDefinitionVersion => ({
  ...{ name, served: true, storage: name === "v1" },
  schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: spec } } } as never }, // schemas are of any shape
  ...more,
});

function kindOf(name: string, ...versions: CustomResourceDefinitionVersion[]) {
  const names = { plural: "widgets", kind: "Widget" };
  const spec = { group: "example.com", scope: "Namespaced", names, versions };
  const definition: CustomResourceDefinition = { metadata: { name: "widgets.example.com" }, spec };
  const found = versions.find((candidate) => candidate.name === name);
  assert.ok(found);
  return customKind(definition, found, schemaModel);
}

const widget = (spec: object, more: object = {}): KubeObject & Record<string, unknown> => ({
  ...{ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" }, spec },
  ...more,
});
const text = { type: "string" };

test("versions that nobody converts show what the stored one can hold, with its defaults", () => {
  const v1 = version("v1", { spec: { size: { type: "integer", default: 3 }, only: text } });
  const v2 = version("v2", { spec: { size: { type: "integer" }, colour: { ...text, default: "red" } } });
  const { storedAs } = kindOf("v2", v1, v2);
  const stored = storedAs?.toStored(widget({ colour: "blue" }));
  assert.deepEqual(stored, widget({}));
  assert.deepEqual(storedAs?.fromStored(widget({ only: "x" })), widget({ size: 3 }));
});

describe("what is read", () => {
  const embedded = {
    ...{ type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  };
  const kind = kindOf("v1", version("v1", { spec: { inner: embedded, note: text } }));

  test("has objects within with metadata that says what metadata may say", () => {
    const inner = { apiVersion: "v1", kind: "A", metadata: { name: null, labels: { a: "b" }, none: 1 }, data: null };
    const decoded = kind.decode?.(widget({ inner, note: null }, { more: 1 }));
    const metadata = { labels: { a: "b" } };
    assert.deepEqual(decoded?.object.spec, { inner: { apiVersion: "v1", kind: "A", metadata, data: null } });
    assert.deepEqual(decoded?.unknownFields, ["more", "spec.inner.metadata.none"]);
  });

  test("is refused where an object within does not say in words what it is, or has metadata of another type", () => {
    const decoded = kind.decode?.(widget({ inner: { apiVersion: 1, kind: "A", metadata: { labels: 1 } } }));
    assert.deepEqual(
      decoded?.errors.map(({ message }) => message),
      [
        "spec.inner.apiVersion: Invalid value: 1: must be a string",
        'spec.inner.metadata: Invalid value: {"labels":1}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type map[string]string',
      ],
    );
  });

  test("keeps a null that was applied, which the schema then refuses", () => {
    const applied = kind.decodeApplied?.(widget({ note: null }));
    assert.deepEqual(applied?.object.spec, { note: null });
  });
});

describe("an object of a version", () => {
  const faultsOf = (spec: object, object: KubeObject, more = {}) =>
    (kindOf("v1", version("v1", { spec, more })).validateCreate?.(object) ?? []).map(
      ({ field, message }) => `${field}: ${message}`,
    );

  test("counts its replicas in whole numbers", () => {
    const scale = { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n", labelSelectorPath: ".status.s" };
    const faults = faultsOf({ n: {} }, widget({ n: "2" }, { status: { n: -1, s: 1 } }), { subresources: { scale } });
    assert.deepEqual(faults, [
      ".spec.n: Invalid value: 0: .spec.n accessor error: 2 is of the type string, expected int64",
      ".status.n: Invalid value: -1: should be a non-negative integer",
      '.status.s: Invalid value: "": .status.s accessor error: 1 is of the type int64, expected string',
    ]);
  });

  test("has numbers that fit their formats, and says of the format what does not", () => {
    const spec = { n: { type: "integer", format: "int32" }, lasts: { ...text, format: "duration" } };
    assert.deepEqual(faultsOf(spec, widget({ n: 2 ** 31, lasts: 12 })), [
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.n',
      'spec.lasts: Invalid value: "int64": spec.lasts in body must be of type duration: "int64"',
    ]);
  });

  test("is told of what is wrong with the first alternative, where none fits, and of all faults of one value", () => {
    const alternatives = [{ required: ["a"] }, { required: ["b"] }];
    const spec = { one: { type: "object", oneOf: alternatives }, mode: { ...text, enum: ["x"] } };
    assert.deepEqual(faultsOf(spec, widget({ one: {}, mode: 1 })), [
      '<nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
      "spec.one.a: Required value",
      'spec.mode: Invalid value: "integer": spec.mode in body must be of type string: "integer"',
      'spec.mode: Unsupported value: 1: supported values: "x"',
    ]);
  });

  test("keeps what was applied, unknown fields and all, until it is stored", () => {
    const applied = { metadata: { name: "a" }, spec: { unknown: 1 } };
    const kind = kindOf("v1", version("v1", { spec: { size: { type: "integer", default: 3 } } }));
    assert.deepEqual(kind.decodeApplied?.(applied), {
      object: { ...applied, spec: { unknown: 1, size: 3 } },
      errors: [],
      unknownFields: [],
    });
    assert.deepEqual(kind.decode?.(applied).object.spec, { size: 3 });
  });

  test("holds other objects that are sound themselves", () => {
    const spec = {
      inner: {
        ...{ type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
      },
    };
    const faults = faultsOf(
      spec,
      widget({ inner: { apiVersion: "a/b/c", kind: "-", metadata: { finalizers: ["ä"] } } }),
    );
    assert.deepEqual(
      faults.map((fault) => fault.slice(0, fault.indexOf(": "))),
      ["spec.inner.apiVersion", "spec.inner.kind", "spec.inner.metadata.finalizers"],
    );
  });

  test("is warned of finalizers that name no domain, once", () => {
    const { warningsOf } = kindOf("v1", version("v1", {}));
    const object = { ...widget({}), metadata: { name: "a", finalizers: ["example.com", "b", "example.com/c"] } };
    const better = "to avoid accidental conflicts with other finalizer writers";
    assert.deepEqual(warningsOf?.(object), [
      `metadata.finalizers: "b": prefer a domain-qualified finalizer name ${better}`,
      `metadata.finalizers: "example.com": prefer a domain-qualified finalizer name including a path (/) ${better}`,
    ]);
    assert.deepEqual(warningsOf?.(object, object), []);
  });

  test("prints the first of several values, and objects with their fields in order", () => {
    const columns = [".spec.list[*]", ".spec.object", ".spec.none", ".spec.null"].map((jsonPath) => ({
      ...{ name: jsonPath, type: "string", jsonPath },
    }));
    const { printRow } = kindOf("v1", version("v1", { more: { additionalPrinterColumns: columns } }));
    const row = printRow(widget({ list: ["one", "two"], object: { b: 1, a: [2] }, null: null }), 0);
    assert.deepEqual(row, ["a", "one", '{"a":[2],"b":1}', null, "<no value>"]);
  });
});

test("what a schema keeps unknown is kept at every depth below it", () => {
  const list = { type: "array", items: { type: "object", properties: { a: text } } };
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { list } };
  const names = { group: "example.com", version: "v1", kind: "Widget", listKind: "WidgetList" };
  const { properties = {} } = customDefinitions(names, schema, { model: schemaModel })["com.example.v1.Widget"] ?? {};
  assert.deepEqual(properties.list?.items?.additionalProperties, {});
});
