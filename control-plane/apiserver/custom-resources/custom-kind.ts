// One version of a custom resource as a kind like any other: what its author wrote becomes the same parts that the built-in
// kinds have in `api/`.

import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "@atoll/api/generated/types";
import { ALL_VERBS, type DecodedObject, type FieldError, type KindDefinition } from "@atoll/api/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { type RuleSet, ruleSetOf } from "@atoll/machinery/cel/schema/rule-set";
import { decodeObject } from "@atoll/machinery/object/schema";
import { applySchemaDefaults } from "@atoll/machinery/object/structural-schema/defaults";
import { findByPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";
import { pruneObject } from "@atoll/machinery/object/structural-schema/prune";
import { isRecord, type StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { validateValue } from "@atoll/machinery/object/structural-schema/validate";
import { customColumns } from "./printer-columns.ts";
import { definitionName } from "./schema-definitions.ts";

const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

export function customResource({ spec }: CustomResourceDefinition, version: string): Resource {
  return {
    group: spec.group,
    version,
    kind: spec.names.kind,
    plural: spec.names.plural,
    scope: spec.scope === "Cluster" ? "Cluster" : "Namespaced",
  };
}

export function schemaOfVersion({ schema }: CustomResourceDefinitionVersion): StructuralSchema {
  return (schema?.openAPIV3Schema ?? { type: "object" }) as StructuralSchema; // validation has let structural schemas in alone
}

export function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  model: SchemaModel,
): KindDefinition {
  const { spec, metadata } = definition;
  const resource = customResource(definition, version.name);
  const schema = schemaOfVersion(version);
  const names = definition.status?.acceptedNames ?? spec.names;
  const isTerminating = metadata.deletionTimestamp !== undefined;
  const storage = spec.versions.find((candidate) => candidate.storage) ?? version;
  const { status, scale } = version.subresources ?? {};
  const validate = validatorOf(schema);
  return {
    resource,
    // Always: what is read must fit the schema of now, whatever it was when it was written.
    storedAs: {
      resource: customResource(definition, storage.name),
      schema: definitionName({ group: spec.group, version: storage.name, kind: spec.names.kind }),
      toStored: (object) => object,
      fromStored: (stored) => conform(structuredClone({ ...stored }), schema).object,
    },
    decode: (json) => decodeCustom(json, schema, model),
    singular: names.singular ?? "",
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    // Nothing new may come in while the last objects are being cleared away.
    verbs: isTerminating ? ALL_VERBS.filter((verb) => verb !== "create") : ALL_VERBS,
    subresources: [
      ...(scale
        ? [
            {
              name: "scale",
              verbs: ["get", "patch", "update"] as const,
              group: "autoscaling",
              version: "v1",
              kind: "Scale",
            },
          ]
        : []),
      ...(status ? [{ name: "status", verbs: ["get", "patch", "update"] as const }] : []),
    ],
    schema: definitionName({ group: spec.group, version: version.name, kind: spec.names.kind }),
    nameRule: "dns1123Subdomain",
    hasStatus: status !== undefined,
    countsGenerations: true,
    selectableFields: selectableFields(version),
    validateCreate: (object) => validate(object),
    validateUpdate: validate,
    validateStatusUpdate: validate,
    ...customColumns(version),
  };
}

/** A fault of one of these kinds: rules could fall over the object, and are not asked. */
const BLOCKING: ReadonlySet<FieldError["type"]> = new Set([
  ...(["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany"] as const),
  "FieldValueTypeInvalid",
]);
const UNCHECKED: FieldError = {
  type: "FieldValueInvalid",
  field: "<nil>",
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
};

function validatorOf(schema: StructuralSchema): (object: KubeObject, old?: KubeObject) => FieldError[] {
  // Rules are compiled when the first object comes: most kinds that are served see none for long.
  let rules: { readonly set: RuleSet | undefined } | undefined;
  return (object, old) => {
    const faults = validateValue(schemaSubject(object), schema, "", old && schemaSubject(old));
    rules ??= { set: ruleSetOf(schema) };
    if (!rules.set) return faults;
    if (faults.some(({ type }) => BLOCKING.has(type))) return [...faults, UNCHECKED];
    return [...faults, ...rules.set.validate(object, old)];
  };
}

/** The API's own part of the object has been checked; a schema may say something of the name alone. */
function schemaSubject({ metadata, ...rest }: KubeObject): Record<string, unknown> {
  const { name, generateName } = metadata;
  return { ...rest, metadata: { name, ...(generateName ? { generateName } : {}) } };
}

function decodeCustom(
  json: Readonly<Record<string, unknown>>,
  schema: StructuralSchema,
  model: SchemaModel,
): DecodedObject {
  const { metadata, ...rest } = json;
  const decoded = decodeObject(model, OBJECT_META, metadata ?? {});
  const { object, removed } = conform({ ...structuredClone(rest), metadata: decoded.object }, schema);
  return {
    object: { ...object },
    errors: decoded.errors,
    unknownFields: [...removed, ...decoded.unknownFields.map((field) => `metadata.${field}`)],
  };
}

/** In place. */
function conform(
  object: Record<string, unknown>,
  schema: StructuralSchema,
): { readonly object: KubeObject; readonly removed: readonly string[] } {
  const removed = pruneObject(object, schema);
  applySchemaDefaults(object, schema);
  return { object: object as unknown as KubeObject, removed }; // both callers hand in an object with metadata
}

function selectableFields({
  selectableFields = [],
}: CustomResourceDefinitionVersion): KindDefinition["selectableFields"] {
  return Object.fromEntries(
    selectableFields.map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath);
      const read = (object: KubeObject) => {
        const [value] = path ? findByPath(object, path) : [];
        return value === undefined || value === null || isRecord(value) ? "" : String(value);
      };
      return [jsonPath.replace(/^\./, ""), read];
    }),
  );
}
