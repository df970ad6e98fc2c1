// What a pod refers to by name: all that the host carrying it needs to read, and nothing else.

import type { Container, EphemeralContainer, Pod, PodSpec, Volume } from "@atoll/api/generated/types";

export type ReferencedResource =
  | "secrets"
  | "configmaps"
  | "persistentvolumeclaims"
  | "serviceaccounts"
  | "resourceclaims";

/** "secrets/default/pull": the key of one object, as the graph has it. */
export function objectKey(resource: string, namespace: string, name: string): string {
  return `${resource}/${namespace}/${name}`;
}

/** The keys of everything the pod refers to, each once. */
export function podReferences({ metadata, spec, status }: Pod): Set<string> {
  const keys = new Set<string>();
  const { namespace = "", name: podName = "" } = metadata;
  const add = (resource: ReferencedResource, name: string | undefined) => {
    if (name) keys.add(objectKey(resource, namespace, name));
  };
  if (!spec) return keys;
  add("serviceaccounts", spec.serviceAccountName);
  for (const { name } of spec.imagePullSecrets ?? []) add("secrets", name);
  for (const container of containersOf(spec)) addEnvironment(container, add);
  for (const volume of spec.volumes ?? []) addVolume(volume, podName, add);
  for (const { resourceClaimName } of spec.resourceClaims ?? []) add("resourceclaims", resourceClaimName);
  for (const { resourceClaimName } of status?.resourceClaimStatuses ?? []) add("resourceclaims", resourceClaimName);
  return keys;
}

type Add = (resource: ReferencedResource, name: string | undefined) => void;

function containersOf(spec: PodSpec): readonly (Container | EphemeralContainer)[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}

function addEnvironment({ env, envFrom }: Container | EphemeralContainer, add: Add): void {
  for (const { valueFrom } of env ?? []) {
    add("secrets", valueFrom?.secretKeyRef?.name);
    add("configmaps", valueFrom?.configMapKeyRef?.name);
  }
  for (const { secretRef, configMapRef } of envFrom ?? []) {
    add("secrets", secretRef?.name);
    add("configmaps", configMapRef?.name);
  }
}

function addVolume(volume: Volume, podName: string, add: Add): void {
  add("secrets", volume.secret?.secretName);
  add("configmaps", volume.configMap?.name);
  add("persistentvolumeclaims", volume.persistentVolumeClaim?.claimName);
  // A claim made for the pod is named after both.
  if (volume.ephemeral) add("persistentvolumeclaims", `${podName}-${volume.name}`);
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    add("secrets", secret?.name);
    add("configmaps", configMap?.name);
  }
  add("secrets", volume.csi?.nodePublishSecretRef?.name);
}
