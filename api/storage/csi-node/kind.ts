import type { CSINode as CSINodeObject } from "../../generated/types.ts";
import type { CSINodeDriver } from "../../generated/types.ts";
import { validateDriverName } from "../../core/persistent-volume/source-validation.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, integerColumn } from "../../meta/columns.ts";
import { duplicate, invalidValue, required, unchanged } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { withNotesOf } from "../../meta/said-empty.ts";
import { utf8Length } from "../../meta/object-meta.ts";
import { invalidTexts, validateNotNegative } from "../../meta/value-validation.ts";
import type { Resource } from "../../resource.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

export type CSINode = CSINodeObject;

export const CSINode: Resource<CSINode> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  scope: "Cluster",
};

const NODE_ID_BYTES_MAX = 256;

function validateCsiNode({ spec }: CSINode): FieldError[] {
  const drivers = spec?.drivers ?? [];
  const repeated = repeatedPlaces(drivers.map(({ name }) => name));
  return drivers.flatMap((driver, i) => {
    const path = `spec.drivers[${i}]`;
    const errors = validateDriver(driver, path);
    if (repeated.has(i)) errors.push(duplicate(`${path}.name`, driver.name));
    return errors;
  });
}

function validateDriver(
  { name, nodeID = "", allocatable, topologyKeys = [] }: CSINodeDriver,
  path: string,
): FieldError[] {
  const errors = validateDriverName(name, `${path}.name`);
  if (!nodeID) errors.push(required(`${path}.nodeID`));
  if (utf8Length(nodeID) > NODE_ID_BYTES_MAX) {
    errors.push(invalidValue(`${path}.nodeID`, nodeID, `must be ${NODE_ID_BYTES_MAX} characters or less`));
  }
  errors.push(...validateNotNegative(allocatable?.count, `${path}.allocatable.count`));
  const repeated = repeatedPlaces(topologyKeys);
  for (const [i, key] of topologyKeys.entries()) {
    if (key === "") errors.push(required(path));
    if (repeated.has(i)) errors.push(duplicate(path, key));
    errors.push(...invalidTexts(path, key, checkQualifiedName(key)));
  }
  return errors;
}

/** A driver that stays keeps its names; how much it can take may be learned later. */
function validateCsiNodeUpdate(node: CSINode, old: CSINode): FieldError[] {
  const errors = validateCsiNode(node);
  const fixedPart = (driver: CSINodeDriver) => {
    const { allocatable: _allocatable, ...rest } = driver;
    return withNotesOf(driver, rest);
  };
  for (const before of old.spec?.drivers ?? []) {
    for (const driver of (node.spec?.drivers ?? []).filter(({ name }) => name === before.name)) {
      const faults = unchanged("spec.drivers", fixedPart(driver), fixedPart(before));
      errors.push(...faults.map((fault) => ({ ...fault, valueType: "io.k8s.api.storage.v1.CSINodeDriver" })));
    }
  }
  return errors;
}

export const csiNodeKind: KindDefinition<CSINode> = {
  resource: CSINode,
  singular: "csinode",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.storage.v1.CSINode",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  requiresVersion: true,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateCsiNode,
  validateUpdate: validateCsiNodeUpdate,
  columns: [NAME_COLUMN, integerColumn("Drivers", "Storage drivers on the host."), AGE_COLUMN],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    spec?.drivers?.length ?? 0,
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
