// What a definition of a custom resource can say in its several places, sound and unsound.

type Json = Readonly<Record<string, unknown>>;

const text = { type: "string" };
const rules = (...validations: Json[]): Json => ({
  type: "object",
  properties: { n: text },
  "x-kubernetes-validations": validations,
});
const list = (more: Json): Json => ({ type: "array", items: { type: "object", properties: { k: text } }, ...more });

/** Schemas of one field. */
export const ODD_FIELDS: readonly Json[] = [
  text,
  {},
  { type: "strange" },
  { type: "" },
  { type: "object" },
  { type: "array" },
  { type: "array", items: {} },
  { type: "array", items: [text] },
  { type: "array", items: text, uniqueItems: true },
  { type: "string", default: 1 },
  { type: "string", default: "a", nullable: true },
  { type: "string", nullable: false, default: null },
  { type: "integer", default: 1.5 },
  { type: "integer", format: "int32", minimum: 5, maximum: 1, default: 3 },
  { type: "number", multipleOf: 0 },
  { type: "string", pattern: "(" },
  { type: "string", pattern: "^a+$", default: "b" },
  { type: "string", minLength: -1, maxLength: -1 },
  { type: "string", enum: ["a", "a"] },
  { type: "string", enum: [] },
  { type: "string", enum: ["a", 1], default: "c" },
  { type: "string", format: "unheard-of" },
  { type: "string", title: "t", description: "d", example: "e", externalDocs: { url: "https://example.com" } },
  { $ref: "#/definitions/x" },
  { type: "object", definitions: { x: text } },
  { type: "object", dependencies: { a: ["b"] } },
  { type: "object", patternProperties: { "^a": text } },
  { type: "array", items: text, additionalItems: true },
  { type: "object", additionalProperties: false },
  { type: "object", additionalProperties: true },
  { type: "object", additionalProperties: text },
  { type: "object", additionalProperties: { type: "object", properties: { a: { ...text, default: "x" } } } },
  { type: "object", properties: { a: text }, additionalProperties: text },
  { type: "object", properties: { a: text }, required: ["b"] },
  { type: "object", properties: { a: { ...text, default: "x" } }, default: { b: 1 } },
  { type: "object", properties: { a: { ...text, default: "x" } }, default: {} },
  { type: "object", minProperties: 2, maxProperties: 1 },
  { "x-kubernetes-preserve-unknown-fields": true },
  { type: "object", "x-kubernetes-preserve-unknown-fields": false },
  { type: "string", "x-kubernetes-preserve-unknown-fields": true },
  { "x-kubernetes-int-or-string": true },
  { type: "string", "x-kubernetes-int-or-string": true },
  { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
  { "x-kubernetes-int-or-string": true, anyOf: [{ type: "string" }, { type: "integer" }] },
  {
    "x-kubernetes-int-or-string": true,
    allOf: [{ anyOf: [{ type: "integer" }, { type: "string" }] }, { maxLength: 3 }],
  },
  { type: "object", "x-kubernetes-embedded-resource": true },
  { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    properties: { apiVersion: text, kind: text, metadata: { type: "object" } },
  },
  {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } },
  },
  { type: "string", "x-kubernetes-embedded-resource": true },
  list({}),
  list({ "x-kubernetes-list-type": "map" }),
  list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"] }),
  list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "k"] }),
  list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["none"] }),
  list({ "x-kubernetes-list-type": "set" }),
  list({ "x-kubernetes-list-type": "atomic", "x-kubernetes-list-map-keys": ["k"] }),
  list({ "x-kubernetes-list-type": "heap" }),
  list({
    ...{ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"] },
    items: { type: "object", required: ["k"], properties: { k: text } },
  }),
  list({
    ...{ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"] },
    items: { type: "object", properties: { k: { type: "object" } } },
  }),
  { type: "array", items: text, "x-kubernetes-list-type": "set" },
  { type: "array", items: { ...text, nullable: true }, "x-kubernetes-list-type": "set" },
  { type: "array", items: text, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"] },
  { type: "string", "x-kubernetes-list-type": "set" },
  { type: "object", "x-kubernetes-map-type": "atomic" },
  { type: "object", "x-kubernetes-map-type": "tree" },
  { type: "string", "x-kubernetes-map-type": "atomic" },
  { type: "object", properties: { a: text }, anyOf: [{ required: ["a"] }, { properties: { b: text } }] },
  { type: "object", properties: { a: text }, oneOf: [{ type: "object" }, { description: "d" }] },
  { type: "object", properties: { a: text }, not: { nullable: true }, allOf: [{ title: "t" }, { default: {} }] },
  { type: "string", anyOf: [{ minLength: 1, "x-kubernetes-preserve-unknown-fields": true }, { maxLength: 2 }] },
  { type: "string", allOf: [{ pattern: "a" }], not: { enum: ["x"] } },
  rules({ rule: "self.n == 'a'" }),
  rules({ rule: "self.n ==" }),
  rules({ rule: "" }),
  rules({ rule: "  " }),
  rules({ rule: "self.none == 'a'" }),
  rules({ rule: "self.n" }),
  rules({ rule: "1 + 'a' == self.n" }),
  rules({ rule: "oldSelf.n == self.n", optionalOldSelf: true }),
  rules({ rule: "oldSelf.hasValue() && oldSelf.value().n == self.n", optionalOldSelf: true }),
  rules(
    { rule: "has(self.n)", message: "" },
    { rule: "has(self.n)", message: " " },
    { rule: "has(self.n)", message: "a\nb" },
  ),
  rules({ rule: "has(self.n)", messageExpression: "'no ' + self.n" }),
  rules({ rule: "has(self.n)", messageExpression: "self.none" }),
  rules({ rule: "has(self.n)", messageExpression: "1" }),
  rules({ rule: "has(self.n)", messageExpression: " " }),
  rules({ rule: "has(self.n)", reason: "FieldValueForbidden", fieldPath: ".n" }),
  rules({ rule: "has(self.n)", reason: "Sad" }),
  rules({ rule: "has(self.n)", fieldPath: ".none" }),
  rules({ rule: "has(self.n)", fieldPath: "n" }),
  rules({ rule: "has(self.n)", fieldPath: ".n[0]" }),
  { type: "string", "x-kubernetes-validations": [{ rule: "self.matches('(')" }, { rule: "self.size() > 1" }] },
  { type: "array", items: { ...text, "x-kubernetes-validations": [{ rule: "self == oldSelf" }] } },
  { type: "array", items: text, "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, x == y))" }] },
  {
    ...{ type: "array", maxItems: 10, items: { ...text, maxLength: 10 } },
    "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, x == y))" }],
  },
  { type: "object", additionalProperties: text, "x-kubernetes-validations": [{ rule: "self.all(k, self[k] != '')" }] },
  { "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": [{ rule: "self == 1" }] },
];

export const ODD_NAMES: readonly Json[] = [
  { plural: "Things" },
  { singular: "THING" },
  { kind: "thing" },
  { kind: "" },
  { listKind: "Thing" },
  { listKind: "list_kind" },
  { shortNames: ["", "a_b", "th"] },
  { categories: ["all", "All"] },
  { singular: undefined, listKind: undefined, shortNames: undefined },
];

const review = { conversionReviewVersions: ["v1", "v1beta1"] };
const client = { url: "https://example.com/convert" };

export const ODD_CONVERSIONS: readonly Json[] = [
  { strategy: "None" },
  { strategy: "" },
  { strategy: "Magic" },
  { strategy: "None", webhook: { ...review, clientConfig: client } },
  { strategy: "Webhook" },
  { strategy: "Webhook", webhook: review },
  { strategy: "Webhook", webhook: { ...review, clientConfig: client } },
  { strategy: "Webhook", webhook: { clientConfig: client } },
  { strategy: "Webhook", webhook: { conversionReviewVersions: ["v2"], clientConfig: client } },
  { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1", "v1", "_"], clientConfig: client } },
  { strategy: "Webhook", webhook: { ...review, clientConfig: { url: "http://example.com/?a#b" } } },
  { strategy: "Webhook", webhook: { ...review, clientConfig: { ...client, service: { name: "a", namespace: "b" } } } },
  {
    strategy: "Webhook",
    webhook: { ...review, clientConfig: { service: { name: "", namespace: "", path: "a//b", port: 0 } } },
  },
];

const scale = { specReplicasPath: ".spec.size", statusReplicasPath: ".status.replicas" };

export const ODD_SUBRESOURCES: readonly Json[] = [
  { subresources: {} },
  { subresources: undefined },
  { subresources: { status: {}, scale } },
  { subresources: { scale: { ...scale, labelSelectorPath: ".status.phase" } } },
  { subresources: { scale: { specReplicasPath: "", statusReplicasPath: "" } } },
  {
    subresources: {
      scale: { specReplicasPath: "spec.size", statusReplicasPath: ".spec.size", labelSelectorPath: ".a" },
    },
  },
  {
    subresources: {
      scale: { specReplicasPath: ".spec.list[0]", statusReplicasPath: ".status[", labelSelectorPath: "" },
    },
  },
  { served: false },
  { storage: false },
  { deprecated: true, deprecationWarning: "old" },
  { deprecationWarning: "not deprecated" },
  { deprecated: true, deprecationWarning: "" },
  { schema: undefined },
  { schema: {} },
  { schema: { openAPIV3Schema: { type: "array", items: text } } },
  {
    schema: {
      openAPIV3Schema: {
        type: "object",
        nullable: true,
        properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } },
      },
    },
  },
  {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          metadata: { type: "object", properties: { name: { ...text, maxLength: 3 } } },
          apiVersion: { type: "integer" },
        },
      },
    },
  },
  {
    schema: {
      openAPIV3Schema: { type: "object", default: {}, properties: { metadata: { type: "object", default: {} } } },
    },
  },
  {
    schema: {
      openAPIV3Schema: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        properties: { spec: { type: "object" } },
      },
    },
  },
  { schema: { openAPIV3Schema: { type: "object", properties: { metadata: { type: "string" } } } } },
];

const column = { name: "Size", type: "integer", jsonPath: ".spec.size" };

export const ODD_COLUMNS: readonly Json[] = [
  { additionalPrinterColumns: [column] },
  { additionalPrinterColumns: [] },
  { additionalPrinterColumns: [{ ...column, type: "colour" }] },
  { additionalPrinterColumns: [{ ...column, type: "" }] },
  {
    additionalPrinterColumns: [
      { ...column, format: "int64" },
      { ...column, format: "huge", priority: -1 },
    ],
  },
  { additionalPrinterColumns: [{ ...column, name: "" }] },
  { additionalPrinterColumns: [{ ...column, jsonPath: "" }] },
  { additionalPrinterColumns: [{ ...column, jsonPath: "spec.size" }] },
  { additionalPrinterColumns: [{ ...column, jsonPath: ".spec.list[" }] },
  { additionalPrinterColumns: [{ ...column, jsonPath: ".spec.conditions[?(@.type=='A')].status" }] },
  { selectableFields: [{ jsonPath: ".spec.size" }] },
  { selectableFields: [{ jsonPath: ".spec.size" }, { jsonPath: ".spec.size" }] },
  { selectableFields: [{ jsonPath: ".spec.none" }] },
  { selectableFields: [{ jsonPath: "spec.size" }] },
  { selectableFields: [{ jsonPath: ".spec" }] },
  { selectableFields: [{ jsonPath: ".metadata.name" }] },
  { selectableFields: [{ jsonPath: "" }] },
  { selectableFields: Array.from({ length: 9 }, () => ({ jsonPath: ".spec.size" })) },
];
