import type { LimitRange as LimitRangeObject, LimitRangeItem } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { CREATED_AT_COLUMN, NAME_COLUMN } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateLimitRange } from "./validation.ts";

export type LimitRange = LimitRangeObject;

export const LimitRange: Resource<LimitRange> = {
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  scope: "Namespaced",
};

/** A container's default limit is the most it may have, its default request the default limit, or else the least. */
function applyItemDefaults(item: LimitRangeItem): void {
  if (item.type !== "Container") return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length > 0) item.default = limits;
  if (Object.keys(requests).length > 0) item.defaultRequest = requests;
}

export const limitRangeKind: KindDefinition<LimitRange> = {
  resource: LimitRange,
  singular: "limitrange",
  shortNames: ["limits"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.LimitRange",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  isCreatedByUpdate: true,
  checksGenerateName: "always",
  selectableFields: {},
  applyDefaults: ({ spec }) => {
    for (const item of spec?.limits ?? []) applyItemDefaults(item);
  },
  validateCreate: validateLimitRange,
  validateUpdate: validateLimitRange,
  columns: [NAME_COLUMN, CREATED_AT_COLUMN],
  printRow: ({ metadata }) => [metadata.name ?? "", metadata.creationTimestamp ?? null],
};
