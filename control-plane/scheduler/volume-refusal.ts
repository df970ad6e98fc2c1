// Volumes that a pod in its own VM cannot have on any host. The pod stays Pending and the message says why; a pod that
// started without the files it asked for would be worse.

import type { Pod, Volume } from "@atoll/api/generated/types";
import { trimEnd } from "@atoll/base/trim-end";

/** Sources that live in the pod's VM or come through the API or a CSI driver. */
const AVAILABLE_SOURCES = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** The pod's own logs, read-only, are the one directory that is there under a host's path. */
const LOG_DIRECTORY = "/var/log/pods";

export function volumeRefusal(pod: Pod): string | undefined {
  for (const volume of pod.spec.volumes ?? []) {
    const source = Object.keys(volume).find((field) => field !== "name");
    if (volume.hostPath) {
      if (isOwnLogs(pod, volume)) continue;
      return `volume "${volume.name}" is a hostPath, and pods share no files with their host (only ${LOG_DIRECTORY} of type Directory, mounted read-only, is available)`;
    }
    if (source !== undefined && !AVAILABLE_SOURCES.has(source)) {
      return `volume "${volume.name}" has the source "${source}", which is not available (persistent volumes come through CSI)`;
    }
  }
  return undefined;
}

function isOwnLogs(pod: Pod, volume: Volume): boolean {
  const path = trimEnd(volume.hostPath?.path ?? "", "/");
  if (path !== LOG_DIRECTORY || volume.hostPath?.type !== "Directory") return false;
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
    .flatMap((container) => container.volumeMounts ?? [])
    .every((mount) => mount.name !== volume.name || mount.readOnly === true);
}
