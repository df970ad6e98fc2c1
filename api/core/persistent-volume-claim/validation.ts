import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidRule, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Label, checkDns1123Subdomain } from "../../meta/names.ts";
import { parseQuantity } from "../../meta/quantity.ts";
import { validatePositiveQuantity } from "../../meta/quantity-validation.ts";
import { invalidTexts, validateOptionalChoice } from "../../meta/value-validation.ts";
import { validateAccessModes, VOLUME_MODES } from "../../meta/volume-claims.ts";

export function validateClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  return validateClaimSpec(spec, "spec");
}

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, "at least 1 access mode is required"));
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, `${path}.selector`));
  errors.push(...validateAccessModes(modes, `${path}.accessModes`));
  const storage = spec.resources?.requests?.storage;
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else errors.push(...validatePositiveQuantity(storage, `${path}.resources[storage]`));
  for (const field of ["storageClassName", "volumeAttributesClassName"] as const) {
    const name = spec[field];
    if (name) errors.push(...invalidTexts(`${path}.${field}`, name, checkDns1123Subdomain(name)));
  }
  errors.push(...validateOptionalChoice(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`));
  return [...errors, ...validateSources(spec, path)];
}

function validateSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, source] of Object.entries({ dataSource, dataSourceRef })) {
    if (!source) continue;
    if (!source.name) errors.push(required(`${path}.${field}.name`));
    if (!source.kind) errors.push(required(`${path}.${field}.kind`));
    if (!source.apiGroup && source.kind !== "PersistentVolumeClaim") {
      const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
      errors.push(invalidValue(`${path}.${field}`, source.kind ?? "", text));
    }
    if (source.apiGroup) {
      const texts = checkDns1123Subdomain(source.apiGroup);
      errors.push(...invalidTexts(`${path}.${field}.apiGroup`, source.apiGroup, texts));
    }
  }
  const namespace = dataSourceRef?.namespace;
  if (namespace)
    errors.push(...invalidTexts(`${path}.dataSourceRef.namespace`, namespace, checkDns1123Label(namespace)));
  if (!dataSource || !dataSourceRef) return errors;
  // Upstream shows a path here, of which there is nothing to be seen.
  if (dataSourceRef.namespace) {
    const text = "may not be specified when dataSourceRef.namespace is specified";
    errors.push(invalidRule(path, `{}: ${text}`));
  } else if (!isEqualJson(dataSource, dataSourceRef)) {
    errors.push(invalidRule(path, "{}: must match dataSourceRef"));
  }
  return errors;
}

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

export function claimWarnings({ metadata, spec }: PersistentVolumeClaim): string[] {
  const warnings: string[] = [];
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) {
    const text = 'deprecated since v1.8; use "storageClassName" attribute instead';
    warnings.push(`metadata.annotations[${CLASS_ANNOTATION}]: ${text}`);
  }
  return [...warnings, ...claimSpecWarnings(spec, "spec")];
}

export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, path: string): string[] {
  return (["requests", "limits"] as const).flatMap((list) => {
    const value = resources?.[list]?.storage;
    const nanos = value === undefined ? 0n : (parseQuantity(value)?.nanos ?? 0n);
    if (nanos % 1_000_000_000n === 0n) return [];
    const text = `fractional byte value ${JSON.stringify(String(value))} is invalid, must be an integer`;
    return [`${path}.resources.${list}[storage]: ${text}`];
  });
}
