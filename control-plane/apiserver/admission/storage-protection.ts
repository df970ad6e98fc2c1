// Volumes, claims and attributes classes are not gone before the last who uses them: each is made with a finalizer that its
// protection controller takes away.

import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import {
  CLAIM_PROTECTION_FINALIZER,
  VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER,
  VOLUME_PROTECTION_FINALIZER,
} from "@atoll/api/meta/volume-claims";
import { VolumeAttributesClass } from "@atoll/api/storage/volume-attributes-class/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

export function storageProtection(resources: ResourceTable): AdmissionStep {
  const finalizers = new Map([
    [resources.of(PersistentVolume).kind, VOLUME_PROTECTION_FINALIZER],
    [resources.of(PersistentVolumeClaim).kind, CLAIM_PROTECTION_FINALIZER],
    [resources.of(VolumeAttributesClass).kind, VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER],
  ]);
  return {
    name: "StorageObjectInUseProtection",
    mutate({ operation, kind, subresource, object }) {
      const finalizer = finalizers.get(kind);
      if (!finalizer || operation !== "CREATE" || subresource !== "" || !object) return;
      const held = object.metadata.finalizers ?? [];
      if (!held.includes(finalizer)) object.metadata.finalizers = [...held, finalizer];
    },
  };
}
