import type { ConfigMap as ConfigMapObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateConfigMap, validateConfigMapUpdate } from "./validation.ts";

export type ConfigMap = ConfigMapObject;

export const ConfigMap: Resource<ConfigMap> = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  scope: "Namespaced",
};

export const configMapKind: KindDefinition<ConfigMap> = {
  resource: ConfigMap,
  singular: "configmap",
  shortNames: ["cm"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.ConfigMap",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  checksGenerateName: "always",
  selectableFields: {},
  validateCreate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  columns: [NAME_COLUMN, textColumn("Data", "Number of keys."), AGE_COLUMN],
  printRow: (configMap, nowMs) => [
    configMap.metadata.name ?? "",
    Object.keys(configMap.data ?? {}).length + Object.keys(configMap.binaryData ?? {}).length,
    formatAge(configMap.metadata.creationTimestamp, nowMs),
  ],
};
