import type { PersistentVolume, Volume } from "../../generated/types.ts";

export function applyVolumeDefaults(volume: PersistentVolume): void {
  volume.spec ??= {};
  const { spec } = volume;
  volume.status ??= {};
  volume.status.phase ||= "Pending";
  spec.persistentVolumeReclaimPolicy ||= "Retain";
  spec.volumeMode ??= "Filesystem";
  applySourceDefaults(spec);
}

/** The parts of sources that have defaults are alike in volumes of the cluster and of a pod. */
type Sources = Pick<Volume, "hostPath" | "iscsi" | "azureDisk"> & {
  readonly rbd?: Pick<NonNullable<Volume["rbd"]>, "pool" | "user" | "keyring">;
  readonly scaleIO?: Pick<NonNullable<Volume["scaleIO"]>, "storageMode" | "fsType">;
};

export function applySourceDefaults({ hostPath, iscsi, rbd, azureDisk, scaleIO }: Sources): void {
  if (hostPath) hostPath.type ??= "";
  if (iscsi) iscsi.iscsiInterface ||= "default";
  if (rbd) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.kind ??= "Shared";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
}
