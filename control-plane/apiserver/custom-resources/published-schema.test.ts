import assert from "node:assert/strict";
import { test } from "node:test";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { type PublishedParts, publishedSchema } from "./published-schema.ts";

const PARTS: PublishedParts = {
  apiVersion: { type: "string" },
  kind: { type: "string" },
  metadata: { v2: { $ref: "#/definitions/M" }, v3: { allOf: [{ $ref: "#/components/schemas/M" }] } },
  groupVersionKind: { group: "x.io", version: "v1", kind: "Thing" },
  selectableFields: [".spec.color"],
};

function specOf(spec: StructuralSchema, dialect: "v2" | "v3"): unknown {
  const shown = publishedSchema({ type: "object", properties: { spec } }, dialect, PARTS);
  return (shown.properties as Record<string, unknown>).spec;
}

test("version 3 shows the author's schema whole, with the object's own fields and what can be selected", () => {
  const spec: StructuralSchema = {
    type: "object",
    nullable: true,
    properties: { color: { type: "string", enum: ["red"], maxLength: 5 } },
    oneOf: [{ required: ["color"] }],
  };
  assert.deepEqual(specOf(spec, "v3"), spec);
  const whole = publishedSchema({ type: "object" }, "v3", PARTS);
  assert.deepEqual(whole["x-kubernetes-selectable-fields"], [{ fieldPath: ".spec.color" }]);
  assert.deepEqual(Object.keys(whole.properties as object), ["apiVersion", "kind", "metadata"]);
});

test("version 2 keeps conditions on values and drops choices", () => {
  const color: StructuralSchema = { type: "string", enum: ["red"], maxLength: 5, pattern: "^r" };
  const spec: StructuralSchema = { type: "object", required: ["color"], properties: { color }, anyOf: [{}] };
  assert.deepEqual(specOf(spec, "v2"), { type: "object", required: ["color"], properties: { color } });
});

test("version 2 shows less of what is open or nullable than there is", () => {
  const open = "x-kubernetes-preserve-unknown-fields";
  assert.deepEqual(specOf({ type: "object", [open]: true, properties: { a: { type: "string" } } }, "v2"), {
    [open]: true,
  });
  assert.deepEqual(specOf({ type: "array", nullable: true, items: { type: "string" } }, "v2"), {});
  const optional: StructuralSchema = {
    type: "object",
    required: ["a", "b"],
    properties: { a: { type: "string", nullable: true }, b: { type: "string" } },
  };
  assert.deepEqual(specOf(optional, "v2"), {
    type: "object",
    required: ["b"],
    properties: { a: {}, b: { type: "string" } },
  });
  assert.deepEqual(publishedSchema({ type: "object", [open]: true, properties: { a: {} } }, "v2", PARTS), {
    type: "object",
    "x-kubernetes-group-version-kind": [PARTS.groupVersionKind],
  });
});

test("an object within the object has an object's fields, unless version 2 must leave it open", () => {
  const embedded = "x-kubernetes-embedded-resource";
  const template: StructuralSchema = { type: "object", [embedded]: true };
  assert.deepEqual(specOf(template, "v2"), {
    type: "object",
    [embedded]: true,
    properties: { apiVersion: PARTS.apiVersion, kind: PARTS.kind, metadata: PARTS.metadata.v2 },
    required: ["kind", "apiVersion"],
  });
  const open: StructuralSchema = { ...template, "x-kubernetes-preserve-unknown-fields": true };
  assert.deepEqual(specOf(open, "v2"), { [embedded]: true, "x-kubernetes-preserve-unknown-fields": true });
});
