import type { CustomResourceDefinition as CustomResourceDefinitionObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { CREATED_AT_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { applyDefinitionDefaults } from "./defaults.ts";
import { formatWarnings } from "./format-warnings.ts";
import { holdForCleanup, prepareDefinitionForCreate, prepareDefinitionForUpdate } from "./lifecycle.ts";
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from "./validation.ts";

export type CustomResourceDefinition = CustomResourceDefinitionObject;

export const CustomResourceDefinition: Resource<CustomResourceDefinition> = {
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  scope: "Cluster",
};

export const customResourceDefinitionKind: KindDefinition<CustomResourceDefinition> = {
  resource: CustomResourceDefinition,
  singular: "customresourcedefinition",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  takesAnyFinalizer: true,
  requiresVersion: true,
  isClearedAway: true,
  selectableFields: {},
  applyDefaults: applyDefinitionDefaults,
  prepareForCreate: prepareDefinitionForCreate,
  prepareForUpdate: prepareDefinitionForUpdate,
  prepareForDelete: holdForCleanup,
  warningsOf: formatWarnings,
  validateCreate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatus,
  columns: [NAME_COLUMN, CREATED_AT_COLUMN],
  printRow: ({ metadata }) => [metadata.name ?? "", metadata.creationTimestamp ?? null],
};
