// Files that are made of other objects and of facts about the pod, alone in a volume or several together.

import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
  VolumeProjection,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { validateFieldSelector, validateResourceSelector } from "./environment-validation.ts";
import { validateFreePath, validateMode } from "./path-validation.ts";

const FILE_FIELDS = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

export function validateItems(items: readonly KeyToPath[], path: string): FieldError[] {
  return items.flatMap(({ key, path: file = "", mode }: Partial<KeyToPath>, i) => [
    ...(key ? [] : [required(`${path}[${i}].key`)]),
    ...(file ? [] : [required(`${path}[${i}].path`)]),
    ...validateFreePath(file, `${path}[${i}].path`),
    ...validateMode(mode, `${path}[${i}].mode`),
  ]);
}

/** All faults are told of the volume; upstream leaves out which file has them. */
export function validateDownwardFiles(files: readonly DownwardAPIVolumeFile[], path: string): FieldError[] {
  return files.flatMap((item) => {
    const { path: file = "", fieldRef, resourceFieldRef, mode }: Partial<DownwardAPIVolumeFile> = item;
    const errors = [...(file ? [] : [required(`${path}.path`)]), ...validateFreePath(file, `${path}.path`)];
    if (fieldRef) {
      errors.push(...validateFieldSelector(fieldRef, FILE_FIELDS, `${path}.fieldRef`));
      const text = "fieldRef and resourceFieldRef can not be specified simultaneously";
      if (resourceFieldRef) errors.push(invalidValue(path, "resource", text));
    } else if (resourceFieldRef) {
      errors.push(...validateResourceSelector(resourceFieldRef, `${path}.resourceFieldRef`, true));
    } else errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
    return [...errors, ...validateMode(mode, `${path}.mode`)];
  });
}

export function validateProjected({ defaultMode, sources = [] }: ProjectedVolumeSource, path: string): FieldError[] {
  const seen = new Set<string>();
  return [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...sources.flatMap((source, i) => [
      ...validateProjection(source, path, `${path}.sources[${i}]`),
      ...validatePaths(source, seen, path),
      ...(Object.keys(source).length > 1
        ? [forbidden(`${path}.sources[${i}]`, "may not specify more than 1 volume type per source")]
        : []),
    ]),
  ];
}

function validateProjection(source: VolumeProjection, volumePath: string, path: string): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken: token } = source;
  const errors: FieldError[] = [];
  for (const [name, given] of Object.entries({ secret, configMap })) {
    if (!given) continue;
    if (!given.name) errors.push(required(`${path}.${name}.name`));
    errors.push(...validateItems(given.items ?? [], `${path}.${name}.items`));
  }
  if (downwardAPI) errors.push(...validateDownwardFiles(downwardAPI.items ?? [], `${path}.downwardAPI`));
  if (!token) return errors;
  const field = `${path}.serviceAccountToken.expirationSeconds`;
  const seconds = token.expirationSeconds ?? 0;
  if (seconds < TOKEN_SECONDS_MIN) {
    errors.push(invalidValue(field, seconds, "may not specify a duration less than 10 minutes"));
  }
  if (seconds > TOKEN_SECONDS_MAX) {
    errors.push(invalidValue(field, seconds, "may not specify a duration larger than 2^32 seconds"));
  }
  const file = `${volumePath}.path`;
  return [...errors, ...(token.path ? validateFreePath(token.path, file) : [required(file)])];
}

/** No file can be made twice; a conflict names whose file it was to be. */
function validatePaths(source: VolumeProjection, seen: Set<string>, path: string): FieldError[] {
  const { secret, configMap, downwardAPI } = source;
  const files = [
    ...(secret?.items ?? []).map((item) => ({ file: item.path, shown: secret?.name ?? "" })),
    ...(configMap?.items ?? []).map((item) => ({ file: item.path, shown: configMap?.name ?? "" })),
    ...(downwardAPI?.items ?? []).map((item) => ({ file: item.path, shown: item.path })),
  ];
  return files.flatMap(({ file, shown }) => {
    if (!file) return [];
    if (seen.has(file)) return [invalidValue(path, shown, "conflicting duplicate paths")];
    seen.add(file);
    return [];
  });
}
