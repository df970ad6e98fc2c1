import type { KeyToPath, Volume } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import { parseQuantity } from "../../meta/quantity.ts";

/** Errors of the volumes, and the names that containers may mount. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
): { readonly errors: FieldError[]; readonly names: ReadonlySet<string> } {
  const names = new Set<string>();
  const errors = volumes.flatMap((volume, i) => {
    const field = `${path}[${i}]`;
    const nameErrors: FieldError[] = volume.name
      ? checkDns1123Label(volume.name).map((text) => invalidValue(`${field}.name`, volume.name, text))
      : [required(`${field}.name`)];
    if (names.has(volume.name)) nameErrors.push(duplicate(`${field}.name`, volume.name));
    else if (nameErrors.length === 0) names.add(volume.name);
    return [...validateSource(volume, field), ...nameErrors];
  });
  return { errors, names };
}

function validateSource(volume: Volume, path: string): FieldError[] {
  const sources = Object.keys(volume).filter((field) => field !== "name");
  if (sources.length === 0) return [required(path, "must specify a volume type")];
  const errors = sources
    .slice(1)
    .map((source) => forbidden(`${path}.${source}`, "may not specify more than 1 volume type"));
  const sizeLimit = volume.emptyDir?.sizeLimit;
  if (sizeLimit !== undefined && (parseQuantity(sizeLimit)?.nanos ?? -1n) < 0n) {
    errors.push(forbidden(`${path}.emptyDir.sizeLimit`, "SizeLimit field must be a valid resource quantity"));
  }
  if (volume.secret) {
    if (!volume.secret.secretName) errors.push(required(`${path}.secret.secretName`));
    errors.push(...validateMode(volume.secret.defaultMode, `${path}.secret.defaultMode`));
    errors.push(...validateItems(volume.secret.items ?? [], `${path}.secret.items`));
  }
  if (volume.configMap) {
    if (!volume.configMap.name) errors.push(required(`${path}.configMap.name`));
    errors.push(...validateMode(volume.configMap.defaultMode, `${path}.configMap.defaultMode`));
    errors.push(...validateItems(volume.configMap.items ?? [], `${path}.configMap.items`));
  }
  if (volume.hostPath) {
    if (!volume.hostPath.path) errors.push(required(`${path}.hostPath.path`));
    else errors.push(...validateNoBackSteps(volume.hostPath.path, `${path}.hostPath.path`));
  }
  if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName) {
    errors.push(required(`${path}.persistentVolumeClaim.claimName`));
  }
  for (const [i, item] of (volume.downwardAPI?.items ?? []).entries()) {
    errors.push(...validateRelativePath(item.path, `${path}.downwardAPI.items[${i}].path`));
  }
  if (volume.projected) errors.push(...validateProjected(volume, path));
  return errors;
}

function validateProjected({ projected }: Volume, path: string): FieldError[] {
  return (projected?.sources ?? []).flatMap((source, i) => {
    const field = `${path}.projected.sources[${i}]`;
    const given = Object.keys(source);
    const errors = given
      .slice(1)
      .map((name) => forbidden(`${field}.${name}`, "may not specify more than 1 volume type per source"));
    if (given.length === 0) errors.push(required(field, "must specify a volume source"));
    if (source.secret) errors.push(...validateItems(source.secret.items ?? [], `${field}.secret.items`));
    if (source.configMap) errors.push(...validateItems(source.configMap.items ?? [], `${field}.configMap.items`));
    if (source.serviceAccountToken) {
      errors.push(...validateRelativePath(source.serviceAccountToken.path, `${field}.serviceAccountToken.path`));
    }
    return errors;
  });
}

function validateItems(items: readonly KeyToPath[], path: string): FieldError[] {
  return items.flatMap((item, i) => [
    ...(item.key ? [] : [required(`${path}[${i}].key`)]),
    ...validateRelativePath(item.path, `${path}[${i}].path`),
    ...validateMode(item.mode, `${path}[${i}].mode`),
  ]);
}

function validateMode(mode: number | undefined, field: string): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalidValue(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    : [];
}

function validateRelativePath(path: string, field: string): FieldError[] {
  if (!path) return [required(field)];
  if (path.startsWith("/")) return [invalidValue(field, path, "must be a relative path")];
  if (path.startsWith("..")) return [invalidValue(field, path, "must not start with '..'")];
  return validateNoBackSteps(path, field);
}

function validateNoBackSteps(path: string, field: string): FieldError[] {
  return path.split("/").includes("..") ? [invalidValue(field, path, "must not contain '..'")] : [];
}
