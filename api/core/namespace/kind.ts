import type { Namespace as NamespaceObject } from "../../generated/types.ts";
import { type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { applyNamespaceDefaults } from "./defaults.ts";
import { prepareNamespaceForCreate, prepareNamespaceForUpdate, prepareNamespaceToFinalize } from "./lifecycle.ts";
import { validateFinalizers, validateNamespace, validateNamespaceStatus } from "./validation.ts";

export type Namespace = NamespaceObject;

export const Namespace: Resource<Namespace> = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  scope: "Cluster",
};

export const namespaceKind: KindDefinition<Namespace> = {
  resource: Namespace,
  singular: "namespace",
  shortNames: ["ns"],
  categories: [],
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [{ name: "finalize", verbs: ["update"] }, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.Namespace",
  nameRule: "dns1123Label",
  hasStatus: true,
  countsGenerations: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  selectableFields: {
    "status.phase": (namespace) => namespace.status?.phase ?? "",
  },
  applyDefaults: applyNamespaceDefaults,
  prepareForCreate: prepareNamespaceForCreate,
  prepareForUpdate: prepareNamespaceForUpdate,
  validateCreate: validateNamespace,
  validateUpdate: validateNamespace,
  validateStatusUpdate: validateNamespaceStatus,
  partialUpdates: { finalize: { prepare: prepareNamespaceToFinalize, validate: validateFinalizers } },
  columns: [NAME_COLUMN, textColumn("Status", "Active, or Terminating while its contents are removed."), AGE_COLUMN],
  printRow: (namespace, nowMs) => [
    namespace.metadata.name ?? "",
    namespace.status?.phase ?? "",
    formatAge(namespace.metadata.creationTimestamp, nowMs),
  ],
};
