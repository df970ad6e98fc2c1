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

/** Only what could always be named there is kept where the newer field is not used; anything else was always ignored. */
function isKnownSource({ apiGroup = "", kind }: NonNullable<PersistentVolumeClaimSpec["dataSource"]>): boolean {
  if (kind === "PersistentVolumeClaim") return apiGroup === "";
  return kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io";
}

/** Two names of one field: what only the older can say is copied, and the newer says more. */
export function normalizeDataSource(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): void {
  // Sources in other namespaces are off by default upstream, and unknown to every provisioner that does not ask for them.
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const isKept = old?.dataSource !== undefined || old?.dataSourceRef !== undefined || spec.dataSourceRef !== undefined;
  if (spec.dataSource && !isKept && !isKnownSource(spec.dataSource)) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _namespace, ...rest } = dataSourceRef;
    spec.dataSource = rest;
  }
}
