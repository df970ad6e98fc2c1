// A volume says since when it has been in its phase; who changes the phase need not know the time.

import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { type Clock, formatTime } from "@atoll/base/clock";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

export function volumePhaseTime({
  resources,
  clock,
}: {
  readonly resources: ResourceTable;
  readonly clock: Clock;
}): AdmissionStep {
  const volumes = resources.of(PersistentVolume);
  return {
    name: "VolumePhaseTime",
    mutate({ operation, kind, subresource, object, oldObject }) {
      if (kind !== volumes.kind || !object) return;
      const volume = object as PersistentVolume; // the kind is PersistentVolume
      const { status } = volume;
      const now = formatTime(clock.now());
      if (operation === "CREATE") volume.status = { ...status, lastPhaseTransitionTime: now };
      if (operation !== "UPDATE" || subresource !== "status") return;
      const old = (oldObject as PersistentVolume | undefined)?.status; // likewise
      const isSameTime = status?.lastPhaseTransitionTime === old?.lastPhaseTransitionTime;
      const isUnset = status?.lastPhaseTransitionTime === undefined;
      if (status?.phase !== old?.phase) {
        if (isUnset || isSameTime) volume.status = { ...status, lastPhaseTransitionTime: now };
      } else if (isUnset && old?.lastPhaseTransitionTime !== undefined) {
        volume.status = { ...status, lastPhaseTransitionTime: old.lastPhaseTransitionTime };
      }
    },
  };
}
