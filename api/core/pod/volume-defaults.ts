import type { Volume, VolumeProjection } from "../../generated/types.ts";
import { applySourceDefaults } from "../persistent-volume/defaults.ts";
import { defaultPullPolicy } from "./pull-policy.ts";

/** Mode of files made from ConfigMaps, Secrets and the like: 0644. */
const FILE_MODE = 0o644;

const TOKEN_LIFETIME_SECONDS = 3600;

export function applyVolumeDefaults(volume: Volume): void {
  if (Object.keys(volume).every((field) => field === "name")) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) {
    if (source) source.defaultMode ??= FILE_MODE;
  }
  applySourceDefaults(volume);
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference ?? "");
  for (const item of volume.downwardAPI?.items ?? []) {
    if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
  }
  for (const source of volume.projected?.sources ?? []) applyProjectionDefaults(source);
  const template = volume.ephemeral?.volumeClaimTemplate;
  if (template?.spec) template.spec.volumeMode ||= "Filesystem";
}

function applyProjectionDefaults(source: VolumeProjection): void {
  if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= TOKEN_LIFETIME_SECONDS;
  for (const item of source.downwardAPI?.items ?? []) {
    if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
  }
}
