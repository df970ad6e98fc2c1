// One version of a custom resource as a kind like any other: what its author wrote becomes the same parts that the built-in
// kinds have in `api/`.

import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from "@atoll/api/generated/types";
import { ALL_VERBS, type DecodedObject, type KindDefinition, type StoredForm } from "@atoll/api/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { CUSTOM_RESOURCE_RULES } from "@atoll/api/write-rules";
import { isRecord } from "@atoll/base/is-record";
import { decodeObject } from "@atoll/machinery/object/decoding/decode-object";
import { applySchemaDefaults, dropWrongNulls } from "@atoll/machinery/object/structural-schema/defaults";
import { type EmbeddedFaults, readEmbedded } from "@atoll/machinery/object/structural-schema/embedded";
import { findByPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";
import { pruneObject } from "@atoll/machinery/object/structural-schema/prune";
import type { StructuralSchema } from "@atoll/machinery/object/structural-schema/structural-schema";
import { customValidation } from "./custom-validation.ts";
import { customColumns } from "./printer-columns.ts";
import { definitionName } from "./schema-definitions.ts";

export const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

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
  return {
    resource,
    storedAs: {
      resource: customResource(definition, storage.name),
      schema: definitionName({ group: spec.group, version: storage.name, kind: spec.names.kind }),
      ...storedForm(definition, version, storage, model),
    },
    decode: (json) => decodeCustom(json, schema, model),
    decodeApplied: (json) => decodeApplied(json, schema, model),
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
    ...CUSTOM_RESOURCE_RULES,
    selectableFields: selectableFields(version),
    ...customValidation(version, schema),
    ...customColumns(version),
  };
}

/**
 * What is read must fit the schemas of now, whatever they were when it was written. Where nobody converts, all versions show what the
 * stored one can hold, with its defaults.
 */
function storedForm(
  { spec }: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  storage: CustomResourceDefinitionVersion,
  model: SchemaModel,
): Pick<StoredForm, "toStored" | "fromStored"> {
  const schema = schemaOfVersion(version);
  const copyOf = (object: KubeObject) => structuredClone({ ...object });
  if (spec.conversion?.strategy === "Webhook" || version.name === storage.name) {
    return { toStored: (object) => object, fromStored: (stored) => defaulted(copyOf(stored), schema, model) };
  }
  const storedSchema = schemaOfVersion(storage);
  return {
    toStored: (object) => conformed(copyOf(object), storedSchema, model),
    fromStored: (stored) => conformed(defaulted(copyOf(stored), storedSchema, model), schema, model),
  };
}

/** In place. What does not fit goes: it was written when another schema held. */
function conformed(object: KubeObject, schema: StructuralSchema, model: SchemaModel): KubeObject {
  pruneObject(object, schema);
  dropWrongNulls(object, schema);
  decodeEmbedded(object, schema, model);
  return object;
}

/** In place. */
function defaulted(object: KubeObject, schema: StructuralSchema, model: SchemaModel): KubeObject {
  applySchemaDefaults(conformed(object, schema, model), schema);
  return object;
}

function decodeCustom(
  json: Readonly<Record<string, unknown>>,
  schema: StructuralSchema,
  model: SchemaModel,
): DecodedObject {
  const { object, errors, unknownFields } = decodeMetadata(json, model);
  const removed = pruneObject(object, schema);
  dropWrongNulls(object, schema);
  const embedded = decodeEmbedded(object, schema, model);
  applySchemaDefaults(object, schema);
  return {
    object,
    errors: [...errors, ...embedded.errors],
    unknownFields: [...unknownFields, ...removed, ...embedded.unknownFields],
  };
}

function decodeApplied(
  json: Readonly<Record<string, unknown>>,
  schema: StructuralSchema,
  model: SchemaModel,
): DecodedObject {
  const decoded = decodeMetadata(json, model);
  applySchemaDefaults(decoded.object, schema);
  return decoded;
}

/** The rest stays as it is, in a copy. */
function decodeMetadata(json: Readonly<Record<string, unknown>>, model: SchemaModel): DecodedObject {
  const { metadata, ...rest } = json;
  const { object, errors, unknownFields } = decodeObject(model, OBJECT_META, metadata ?? {});
  return {
    object: { ...structuredClone(rest), metadata: object },
    errors,
    unknownFields: unknownFields.map((field) => `metadata.${field}`),
  };
}

function decodeEmbedded(object: object, schema: StructuralSchema, model: SchemaModel): EmbeddedFaults {
  return readEmbedded(object, schema, (metadata) => decodeObject(model, OBJECT_META, metadata));
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
