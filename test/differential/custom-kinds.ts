// Custom resources that both servers get at the start: between them they have everything that a definition can say of its
// objects. Their objects are scripted like those of any other kind.

import { applyDefinitionDefaults } from "@atoll/api/apiextensions/custom-resource-definition/defaults";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "@atoll/api/generated/types";
import type { Schema } from "@atoll/api/schema";
import { customKind, schemaOfVersion } from "@atoll/control-plane/apiserver/custom-resources/custom-kind";
import { customDefinitions } from "@atoll/control-plane/apiserver/custom-resources/schema-definitions";
import type { SampleFields } from "../handover/sample-objects.ts";
import type { ScriptedKind } from "./request-script.ts";

const GROUP = "differential.example.com";

const text = { type: "string" } as const;
const integer = { type: "integer", format: "int32" } as const;

/** Every way to say what a value must be. */
const widgetSpec = {
  type: "object",
  required: ["size"],
  properties: {
    size: { type: "integer", minimum: 1, maximum: 100, default: 3 },
    replicas: { ...integer, minimum: 0, default: 1 },
    mode: { ...text, enum: ["Fast", "Slow", "Always"], default: "Slow" },
    port: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }], maxLength: 6 },
    note: { ...text, nullable: true, maxLength: 10 },
    ratio: { type: "number", multipleOf: 0.5, exclusiveMinimum: true, minimum: 0 },
    isOn: { type: "boolean", default: true },
    at: { ...text, format: "date-time" },
    day: { ...text, format: "date" },
    lasts: { ...text, format: "duration" },
    block: { ...text, format: "cidr" },
    address: { ...text, format: "ipv4" },
    id: { ...text, format: "uuid" },
    raw: { ...text, format: "byte" },
    mail: { ...text, format: "email" },
    host: { ...text, format: "hostname", pattern: "^[a-z.]*$" },
    tags: { type: "array", "x-kubernetes-list-type": "set", maxItems: 3, items: text },
    words: { type: "array", "x-kubernetes-list-type": "atomic", minItems: 1, items: { ...text, minLength: 2 } },
    parts: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name", "kind"],
      items: {
        type: "object",
        required: ["name"],
        properties: { name: text, kind: { ...text, default: "usual" }, weight: { ...integer, default: 1 } },
      },
    },
    labels: { type: "object", additionalProperties: text, maxProperties: 2 },
    limits: { type: "object", additionalProperties: { "x-kubernetes-int-or-string": true } },
    inner: {
      type: "object",
      default: {},
      properties: {
        depth: { ...integer, default: 7 },
        name: text,
        choice: { type: "object", properties: { a: text, b: text }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      },
    },
    whole: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: text, b: integer } },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: integer } },
    template: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  },
  "x-kubernetes-validations": [
    { rule: "self.size <= 50 || self.mode != 'Fast'", message: "what is large is not fast", fieldPath: ".mode" },
    { rule: "self.mode != 'Always' || self.replicas > 0", messageExpression: "'no replicas of ' + self.mode" },
    { rule: "!has(oldSelf.host) || has(self.host)", reason: "FieldValueForbidden", message: "the host stays" },
    { rule: "oldSelf.size <= self.size", message: "nothing shrinks" },
  ],
} as const;

const widgetStatus = {
  type: "object",
  properties: {
    replicas: integer,
    selector: text,
    phase: { ...text, default: "New" },
    conditions: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
      items: { type: "object", required: ["type", "status"], properties: { type: text, status: text } },
    },
  },
} as const;

const metadata = { type: "object", properties: { name: { ...text, maxLength: 60 } } } as const;

const WIDGETS = definition({
  names: { plural: "widgets", singular: "widget", kind: "Widget", shortNames: ["wd"], categories: ["all"] },
  scope: "Namespaced",
  versions: [
    {
      ...{ name: "v1", served: true, storage: true },
      schema: { openAPIV3Schema: { type: "object", properties: { metadata, spec: widgetSpec, status: widgetStatus } } },
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      selectableFields: [{ jsonPath: ".spec.mode" }, { jsonPath: ".spec.size" }, { jsonPath: ".spec.isOn" }],
      additionalPrinterColumns: [
        { name: "Size", type: "integer", jsonPath: ".spec.size", description: "How large" },
        { name: "Mode", type: "string", jsonPath: ".spec.mode" },
        { name: "Ratio", type: "number", format: "float", jsonPath: ".spec.ratio", priority: 1 },
        { name: "On", type: "boolean", jsonPath: ".spec.isOn" },
        { name: "Parts", type: "string", jsonPath: ".spec.parts[*].name" },
        { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
        { name: "At", type: "date", jsonPath: ".spec.at" },
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
    },
    {
      ...{
        name: "v2",
        served: true,
        storage: false,
        deprecated: true,
        deprecationWarning: "v2 of widgets has had its day",
      },
      schema: {
        openAPIV3Schema: {
          type: "object",
          properties: {
            spec: {
              type: "object",
              properties: {
                size: integer,
                mode: text,
                colour: { ...text, default: "red" },
                tags: widgetSpec.properties.tags,
              },
            },
            status: { type: "object", properties: { phase: text } },
          },
        },
      },
      subresources: { status: {} },
    },
  ],
});

const GADGETS = definition({
  names: { plural: "gadgets", singular: "gadget", kind: "Gadget" },
  scope: "Cluster",
  versions: [
    {
      ...{ name: "v1alpha1", served: true, storage: true, deprecated: true },
      schema: {
        openAPIV3Schema: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          properties: {
            count: { ...integer, default: 1 },
            list: { type: "array", items: { type: "object", properties: { a: { ...text, default: "x" } } } },
            status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
          "x-kubernetes-validations": [{ rule: "!has(self.count) || self.count < 1000" }],
        },
      },
    },
  ],
});

const SAMPLES: Readonly<Record<string, (number: number) => SampleFields>> = {
  "Widget.v1": (number) => ({
    spec: {
      size: 1 + (number % 40),
      port: number % 2 === 0 ? 80 : "http",
      note: null,
      ratio: 1.5,
      host: "example.com",
      tags: ["a", "b"],
      words: ["first", "second"],
      parts: [{ name: "one" }, { name: "two", kind: "rare", weight: 2 }],
      labels: { a: "b" },
      limits: { cpu: "1", memory: 2 },
      inner: { choice: { a: "x" } },
      whole: { a: "x", b: 1 },
      free: { known: 1, unknown: { deep: [1, "two", null] } },
      template: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "made", labels: { a: "b" } },
        data: { a: "b" },
      },
    },
  }),
  "Widget.v2": (number) => ({ spec: { size: 2 + (number % 40), mode: "Slow", tags: ["a"] } }),
  "Gadget.v1alpha1": (number) => ({ count: number % 900, list: [{}, { a: "y", b: 1 }], other: { a: [{}, null] } }),
};

export const CUSTOM_DEFINITIONS: readonly CustomResourceDefinition[] = [WIDGETS, GADGETS];

/** What the schema model says of their objects. */
export const CUSTOM_SCHEMAS: Readonly<Record<string, Schema>> = Object.assign(
  {},
  ...CUSTOM_DEFINITIONS.flatMap(({ spec: { group, names, versions } }) =>
    versions.map((version) => {
      const { kind, listKind = `${kind}List` } = names;
      return customDefinitions({ group, version: version.name, kind, listKind }, schemaOfVersion(version), {
        model: schemaModel,
      });
    }),
  ),
);

export const CUSTOM_KINDS: readonly ScriptedKind[] = CUSTOM_DEFINITIONS.flatMap((one) =>
  one.spec.versions.map((version) => {
    const sample = SAMPLES[`${one.spec.names.kind}.${version.name}`];
    if (!sample) throw new Error(`There is no sample of ${one.spec.names.kind} ${version.name}`);
    return { kind: customKind(one, version, schemaModel), sample };
  }),
);

function definition(spec: {
  readonly names: CustomResourceDefinition["spec"]["names"];
  readonly scope: string;
  readonly versions: readonly object[];
}): CustomResourceDefinition {
  const made: CustomResourceDefinition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${spec.names.plural}.${GROUP}` },
    // Schemas are of any shape; the servers say whether they are sound.
    spec: { group: GROUP, ...spec, versions: spec.versions as CustomResourceDefinitionVersion[] },
  };
  applyDefinitionDefaults(made);
  return made;
}
