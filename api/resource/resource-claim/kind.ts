import type { ResourceV1ResourceClaim as ResourceClaimObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, textColumn } from "../../meta/columns.ts";
import { unchanged } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { applyDeviceClaimDefaults, validateDeviceClaim } from "../device-requests.ts";
import { deviceKey, validateClaimStatus } from "./validation.ts";

export type ResourceClaim = ResourceClaimObject;

export const ResourceClaim: Resource<ResourceClaim> = {
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
};

/** "deleted,allocated,reserved", as far as it is. */
function claimState({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const states = isDeleted ? ["deleted"] : [];
  if (!status?.allocation) return (isDeleted ? states : ["pending"]).join(",");
  states.push("allocated");
  if (status.reservedFor?.length) states.push("reserved");
  return states.join(",");
}

/** Whoever takes devices away takes with them what drivers said of them. */
function dropFreedDevices({ status }: ResourceClaim, old: ResourceClaim): void {
  if (!status?.devices) return;
  const kept = new Set(status.allocation?.devices?.results?.map(deviceKey));
  const freed = new Set(
    (old.status?.allocation?.devices?.results ?? []).map(deviceKey).filter((key) => !kept.has(key)),
  );
  const devices = status.devices.filter((device) => !freed.has(deviceKey(device)));
  if (devices.length > 0) status.devices = devices;
  else delete status.devices;
}

export const resourceClaimKind: KindDefinition<ResourceClaim> = {
  resource: ResourceClaim,
  singular: "resourceclaim",
  shortNames: [],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [STATUS_SUBRESOURCE],
  schema: "io.k8s.api.resource.v1.ResourceClaim",
  nameRule: "dns1123Subdomain",
  hasStatus: true,
  countsGenerations: false,
  isReturnedByDelete: true,
  checksGenerateName: "always",
  statusCarries: "generateName",
  selectableFields: {},
  applyDefaults: ({ spec }) => applyDeviceClaimDefaults(spec?.devices),
  prepareForStatusUpdate: dropFreedDevices,
  validateCreate: ({ spec }, faultsAt) => validateDeviceClaim(spec?.devices, "spec.devices", faultsAt),
  validateUpdate: (claim, old) => unchanged("spec", claim.spec, old.spec),
  validateStatusUpdate: validateClaimStatus,
  columns: [
    NAME_COLUMN,
    textColumn("State", "Whether devices are allocated and somebody has reserved them."),
    AGE_COLUMN,
  ],
  printRow: (claim, nowMs) => [
    claim.metadata.name ?? "",
    claimState(claim),
    formatAge(claim.metadata.creationTimestamp, nowMs),
  ],
};
