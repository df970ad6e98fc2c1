import type { ResourceSlice as ResourceSliceObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { validateResourceSlice } from "./validation.ts";

export type ResourceSlice = ResourceSliceObject;

export const ResourceSlice: Resource<ResourceSlice> = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
};

/** They wait for gates that upstream keeps shut. */
const GATED_ATTRIBUTES = ["bools", "ints", "strings", "versions"] as const;

function dropGated({ spec }: ResourceSlice): void {
  for (const device of spec?.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values(device.attributes ?? {})) {
      for (const name of GATED_ATTRIBUTES) delete attribute[name];
    }
  }
}

function sliceWarnings({ spec }: ResourceSlice): string[] {
  const driver = spec?.driver ?? "";
  if (driver === driver.toLowerCase()) return [];
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
}

export const resourceSliceKind: KindDefinition<ResourceSlice> = {
  resource: ResourceSlice,
  singular: "resourceslice",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.resource.v1.ResourceSlice",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  countsGenerations: true,
  isReturnedByDelete: true,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec?.nodeName ?? "",
    "spec.driver": ({ spec }) => spec?.driver ?? "",
  },
  prepareForCreate: dropGated,
  prepareForUpdate: dropGated,
  warningsOf: sliceWarnings,
  validateCreate: (slice) => validateResourceSlice(slice),
  validateUpdate: (slice, old) => validateResourceSlice(slice, old),
  columns: [
    NAME_COLUMN,
    textColumn("Node", "The host whose devices these are."),
    textColumn("Driver", "Who provides them."),
    textColumn("Pool", "What they are part of."),
    AGE_COLUMN,
  ],
  printRow: ({ metadata, spec }, nowMs) => [
    metadata.name ?? "",
    spec?.nodeName ?? "",
    spec?.driver ?? "",
    spec?.pool?.name ?? "",
    formatAge(metadata.creationTimestamp, nowMs),
  ],
};
