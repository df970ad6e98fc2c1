import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../generated/types.ts";

export function applyClaimDefaults(claim: PersistentVolumeClaim): void {
  claim.spec ??= {};
  applyClaimSpecDefaults(claim.spec);
  claim.status ??= {};
  claim.status.phase ||= "Pending";
}

export function applyClaimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= "Filesystem";
}

/** Two names of one field: what only the older can say is copied, and the newer says more. */
export function normalizeDataSource(spec: PersistentVolumeClaimSpec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _namespace, ...rest } = dataSourceRef;
    spec.dataSource = rest;
  }
}
