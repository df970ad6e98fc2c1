// Tells users what a pod asks for that a microVM cannot give. A pod shares nothing with its host, so host namespaces and host
// ports are accepted and have no effect; node ports have no listener; a host's own disks and directories are in no pod, not as
// volumes either. Saying so at once saves a search later.

import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { SOURCE_NAMES } from "@atoll/api/core/persistent-volume/source-validation";
import { Service } from "@atoll/api/core/service/kind";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionStep } from "./admission.ts";

const BECAUSE = "is ignored: a pod is a virtual machine of its own and shares nothing with its host";

export function warnOfIgnoredFields(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  const services = resources.of(Service);
  const volumes = resources.of(PersistentVolume);
  return {
    name: "IgnoredFields",
    validate({ operation, subresource, kind, object, warnings }) {
      if (operation !== "CREATE" || subresource !== "" || !object) return;
      if (kind === pods.kind) warnings.push(...podWarnings(object as Pod)); // the kind is Pod
      if (kind === services.kind) warnings.push(...serviceWarnings(object as Service)); // the kind is Service
      if (kind === volumes.kind) warnings.push(...volumeWarnings(object as PersistentVolume)); // the kind is PersistentVolume
    },
  };
}

function podWarnings({ spec }: Pod): string[] {
  const warnings: string[] = [];
  if (spec?.hostNetwork) warnings.push(`spec.hostNetwork ${BECAUSE}`);
  if (spec?.hostPID) warnings.push(`spec.hostPID ${BECAUSE}`);
  if (spec?.hostIPC) warnings.push(`spec.hostIPC ${BECAUSE}`);
  const containers = [
    ...(spec?.initContainers ?? []).map((container, index) => ({ container, path: `spec.initContainers[${index}]` })),
    ...(spec?.containers ?? []).map((container, index) => ({ container, path: `spec.containers[${index}]` })),
  ];
  for (const { container, path } of containers) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      // With hostNetwork the server fills these in itself, and one warning is enough.
      if (port.hostPort && !spec?.hostNetwork) warnings.push(`${path}.ports[${index}].hostPort ${BECAUSE}`);
    }
  }
  for (const [index, volume] of (spec?.volumes ?? []).entries()) {
    const { hostPath } = volume;
    if (!hostPath || isPodLogs(hostPath)) continue;
    warnings.push(
      `spec.volumes[${index}].hostPath cannot be given: the pod will stay Pending (only /var/log/pods of type Directory, read-only, is served)`,
    );
  }
  return warnings;
}

function isPodLogs({ path, type }: { path: string; type?: string }): boolean {
  return path.replace(/\/+$/, "") === "/var/log/pods" && type === "Directory";
}

function serviceWarnings({ spec }: Service): string[] {
  return spec?.type === "NodePort"
    ? ["spec.type NodePort: hosts open no port for it; use the service inside the cluster"]
    : [];
}

function volumeWarnings({ spec }: PersistentVolume): string[] {
  const source = Object.keys(spec ?? {}).find((field) => SOURCE_NAMES.has(field));
  if (source === undefined || source === "csi") return [];
  return [`spec.${source} is in no pod: only volumes of CSI drivers can be attached to virtual machines`];
}
