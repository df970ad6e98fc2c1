import type { CSIStorageCapacity as CSIStorageCapacityObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { CREATED_AT_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import { unchanged } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { selectorWarnings } from "../../meta/node-labels.ts";
import { validateQuantity } from "../../meta/quantity-validation.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";

export type CSIStorageCapacity = CSIStorageCapacityObject;

export const CSIStorageCapacity: Resource<CSIStorageCapacity> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIStorageCapacity",
  plural: "csistoragecapacities",
  scope: "Namespaced",
};

function validateCapacity(object: CSIStorageCapacity): FieldError[] {
  const { storageClassName = "", nodeTopology, capacity } = object;
  return [
    ...invalidTexts("storageClassName", storageClassName, checkDns1123Subdomain(storageClassName)),
    ...(nodeTopology ? validateLabelSelector(nodeTopology, "nodeTopology") : []),
    ...(capacity === undefined ? [] : validateQuantity(capacity, "capacity")),
  ];
}

export const csiStorageCapacityKind: KindDefinition<CSIStorageCapacity> = {
  resource: CSIStorageCapacity,
  singular: "csistoragecapacity",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.storage.v1.CSIStorageCapacity",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  requiresVersion: true,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateCapacity,
  validateUpdate: (capacity, old) => [
    ...validateCapacity(capacity),
    ...unchanged("nodeTopology", capacity.nodeTopology, old.nodeTopology),
    ...unchanged("storageClassName", capacity.storageClassName, old.storageClassName),
  ],
  warningsOf: ({ nodeTopology }) => selectorWarnings(nodeTopology ?? {}, "nodeTopology"),
  columns: [NAME_COLUMN, CREATED_AT_COLUMN],
  printRow: ({ metadata }) => [metadata.name ?? "", metadata.creationTimestamp ?? null],
};
