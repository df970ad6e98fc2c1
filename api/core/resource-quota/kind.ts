import { ownValue } from "@atoll/base/own-value";
import type { ResourceQuota as ResourceQuotaObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateQuota, validateQuotaStatusUpdate, validateQuotaUpdate } from "./validation.ts";

export type ResourceQuota = ResourceQuotaObject;

export const ResourceQuota: Resource<ResourceQuota> = {
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  scope: "Namespaced",
};

/** "pods: 2/10, ..." of the resources that are limits, or of those that are not. */
function usageOf({ status }: ResourceQuota, isLimit: boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter((name) => name.startsWith("limits.") === isLimit)
    .sort()
    .map((name) => `${name}: ${ownValue(status?.used, name) ?? 0}/${status?.hard?.[name] ?? 0}`)
    .join(", ");
}

export const resourceQuotaKind: KindDefinition<ResourceQuota> = {
  resource: ResourceQuota,
  singular: "resourcequota",
  shortNames: ["quota"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.core.v1.ResourceQuota",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  isReturnedByDelete: true,
  selectableFields: {},
  applyDefaults: (quota) => {
    quota.spec ??= {};
    quota.status ??= {};
  },
  validateCreate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  validateStatusUpdate: validateQuotaStatusUpdate,
  columns: [
    NAME_COLUMN,
    textColumn("Request", "What is used, of what may be used."),
    textColumn("Limit", "What is promised at most, of what may be."),
    AGE_COLUMN,
  ],
  printRow: (quota, nowMs) => [
    quota.metadata.name ?? "",
    usageOf(quota, false),
    usageOf(quota, true),
    formatAge(quota.metadata.creationTimestamp, nowMs),
  ],
};
