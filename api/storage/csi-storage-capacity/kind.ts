import type { CSIStorageCapacity as CSIStorageCapacityObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { NAME_COLUMN, UNSET, textColumn } from "../../meta/columns.ts";
import { unchanged } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
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
  selectableFields: {},
  validateCreate: validateCapacity,
  validateUpdate: (capacity, old) => [
    ...validateCapacity(capacity),
    ...unchanged("nodeTopology", capacity.nodeTopology, old.nodeTopology),
    ...unchanged("storageClassName", capacity.storageClassName, old.storageClassName),
  ],
  columns: [
    NAME_COLUMN,
    textColumn("StorageClassName", "The class the room is for."),
    textColumn("Capacity", "How much room there is."),
  ],
  printRow: ({ metadata, storageClassName, capacity }) => [
    metadata.name ?? "",
    storageClassName ?? "",
    capacity === undefined ? UNSET : String(capacity),
  ],
};
