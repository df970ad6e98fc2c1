// The volumes of a pod that are files made by the host: their whole content, ready to be sent to the agent. emptyDirs are the
// agent's own business, disks the storage controller's.

import type {
  ConfigMapProjection,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  SecretProjection,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from "@atoll/api/generated/types";
import type { RequestInit } from "@atoll/api/guest-agent/client";
import { type DownwardHost, fieldValue, resourceValue } from "./downward-fields.ts";
import { type ObjectSource, PodSourceError, type TokenSource } from "./object-source.ts";

export type VolumeContent = RequestInit<"setVolume"> & { readonly volume: string; readonly files: VolumeFile[] };

export interface VolumeFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
  readonly uid?: number;
}

export interface VolumeOptions {
  readonly source: ObjectSource;
  readonly tokens: TokenSource;
  readonly host: DownwardHost;
}

const MODE_DEFAULT = 0o644;
/** What Kubernetes gives a token whose projection says nothing. */
const TOKEN_SECONDS_DEFAULT = 3600;
/** One message to the agent holds 4 MiB; an object of the API has at most 1 MiB, but a projection has several. */
const VOLUME_BYTES_MAX = 3_670_016;

export function isFileVolume(volume: Volume): boolean {
  return Boolean(volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);
}

/** Throws PodSourceError for what is missing and not optional. */
export async function volumeContent(pod: Pod, volume: Volume, options: VolumeOptions): Promise<VolumeContent> {
  const files = await filesOf(pod, volume, options);
  const bytes = files.reduce((sum, file) => sum + file.content.length, 0);
  if (bytes > VOLUME_BYTES_MAX)
    throw new PodSourceError(`volume "${volume.name}" has more than ${VOLUME_BYTES_MAX} bytes`);
  return { volume: volume.name, memoryOnly: isSecret(volume), files };
}

function isSecret(volume: Volume): boolean {
  const sources = volume.projected?.sources ?? [];
  return volume.secret !== undefined || sources.some((source) => source.secret ?? source.serviceAccountToken);
}

async function filesOf(pod: Pod, volume: Volume, options: VolumeOptions): Promise<VolumeFile[]> {
  if (volume.configMap) return configMapFiles(pod, volume.configMap, volume.configMap.defaultMode, options.source);
  if (volume.secret) {
    const { secretName, defaultMode, items, optional } = volume.secret;
    const projection = {
      ...(secretName === undefined ? {} : { name: secretName }),
      ...(items ? { items } : {}),
      ...(optional === undefined ? {} : { optional }),
    };
    return secretFiles(pod, projection, defaultMode, options.source);
  }
  if (volume.downwardAPI) {
    return downwardFiles(pod, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode, options.host);
  }
  const files: VolumeFile[] = [];
  for (const source of volume.projected?.sources ?? []) {
    files.push(...(await projectedFiles(pod, source, volume.projected?.defaultMode, options)));
  }
  return files;
}

async function projectedFiles(
  pod: Pod,
  source: VolumeProjection,
  defaultMode: number | undefined,
  options: VolumeOptions,
): Promise<VolumeFile[]> {
  if (source.configMap) return configMapFiles(pod, source.configMap, defaultMode, options.source);
  if (source.secret) return secretFiles(pod, source.secret, defaultMode, options.source);
  if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI.items ?? [], defaultMode, options.host);
  if (source.serviceAccountToken)
    return [await tokenFile(pod, source.serviceAccountToken, defaultMode, options.tokens)];
  throw new PodSourceError("a projected volume has a source that this host does not serve");
}

async function configMapFiles(
  pod: Pod,
  projection: ConfigMapProjection,
  defaultMode: number | undefined,
  source: ObjectSource,
): Promise<VolumeFile[]> {
  const found = await source.configMap(pod.metadata.namespace ?? "", projection.name ?? "");
  if (!found && !projection.optional) throw new PodSourceError(`configmap "${projection.name}" not found`);
  const content = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(found?.data ?? {})) content.set(key, Buffer.from(text, "utf8"));
  for (const [key, text] of Object.entries(found?.binaryData ?? {})) content.set(key, Buffer.from(text, "base64"));
  return pickFiles(content, projection, defaultMode);
}

async function secretFiles(
  pod: Pod,
  projection: SecretProjection,
  defaultMode: number | undefined,
  source: ObjectSource,
): Promise<VolumeFile[]> {
  const found = await source.secret(pod.metadata.namespace ?? "", projection.name ?? "");
  if (!found && !projection.optional) throw new PodSourceError(`secret "${projection.name}" not found`);
  const content = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(found?.data ?? {})) content.set(key, Buffer.from(text, "base64"));
  return pickFiles(content, projection, defaultMode);
}

/** All keys under their names, or those that `items` names under its paths. */
function pickFiles(
  content: ReadonlyMap<string, Uint8Array>,
  { items, optional }: { readonly items?: readonly KeyToPath[]; readonly optional?: boolean },
  defaultMode = MODE_DEFAULT,
): VolumeFile[] {
  if (!items?.length) return [...content].map(([path, bytes]) => ({ path, content: bytes, mode: defaultMode }));
  const files: VolumeFile[] = [];
  for (const { key, path, mode } of items) {
    const bytes = content.get(key);
    if (bytes) files.push({ path, content: bytes, mode: mode ?? defaultMode });
    else if (!optional) throw new PodSourceError(`references non-existent config key: ${key}`);
  }
  return files;
}

function downwardFiles(
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number | undefined,
  host: DownwardHost,
): VolumeFile[] {
  return items.map(({ path, mode, fieldRef, resourceFieldRef }) => {
    const value = fieldRef
      ? fieldValue(pod, fieldRef, host)
      : resourceFieldRef && resourceValue(pod, resourceFieldRef, undefined, host);
    if (value === undefined) throw new PodSourceError(`file "${path}" of the downward API has no source`);
    return { path, content: Buffer.from(value, "utf8"), mode: mode ?? defaultMode ?? MODE_DEFAULT };
  });
}

async function tokenFile(
  pod: Pod,
  { path, audience, expirationSeconds }: ServiceAccountTokenProjection,
  defaultMode: number | undefined,
  tokens: TokenSource,
): Promise<VolumeFile> {
  const token = await tokens.token({
    namespace: pod.metadata.namespace ?? "",
    serviceAccount: pod.spec.serviceAccountName || "default",
    podName: pod.metadata.name ?? "",
    podUid: pod.metadata.uid ?? "",
    audience: audience || undefined,
    expirationSeconds: expirationSeconds ?? TOKEN_SECONDS_DEFAULT,
  });
  const content = Buffer.from(token, "utf8");
  // A token is for one user where all containers run as the same one; with fsGroup the agent gives it to the group.
  if (pod.spec.securityContext?.fsGroup !== undefined) return { path, content, mode: 0o600 };
  const uid = onlyUserOf(pod);
  return uid === undefined ? { path, content, mode: defaultMode ?? MODE_DEFAULT } : { path, content, mode: 0o600, uid };
}

function onlyUserOf(pod: Pod): number | undefined {
  const users = new Set(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(
      (container) => container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser,
    ),
  );
  return users.size === 1 ? [...users][0] : undefined;
}
