import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, required, unchanged } from "../../meta/field-error.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../meta/quantity.ts";
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
  }
  if (!dataSource || !dataSourceRef) return errors;
  if (dataSourceRef.namespace) {
    const text = "may not be specified when dataSourceRef.namespace is specified";
    errors.push(invalidValue(path, {}, text));
  } else if (!isEqualJson(dataSource, dataSourceRef)) {
    errors.push(invalidValue(path, {}, "must match dataSourceRef"));
  }
  return errors;
}

/** A claim is what quotas and limits were checked for: only its volume (once), its size and its attributes class move. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaim(claim);
  const fixed = structuredClone(claim.spec);
  const oldFixed = structuredClone(old.spec);
  if (!old.spec.volumeName) delete fixed.volumeName;
  if (old.spec.storageClassName === undefined && storageClassIsGivenLate(claim, old)) delete fixed.storageClassName;
  if (claim.status?.phase === "Bound") {
    delete fixed.resources?.requests?.storage;
    delete oldFixed.resources?.requests?.storage;
    delete fixed.volumeAttributesClassName;
    delete oldFixed.volumeAttributesClassName;
  }
  if (!isEqualJson(fixed, oldFixed)) {
    const text =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    errors.push(forbidden("spec", text));
  }
  errors.push(...validateShrinking(claim, old), ...unchanged("volumeMode", claim.spec.volumeMode, old.spec.volumeMode));
  if (old.status?.currentVolumeAttributesClassName !== undefined && !claim.spec.volumeAttributesClassName) {
    const isRemoved = claim.spec.volumeAttributesClassName === undefined;
    const text = `update to ${isRemoved ? "nil" : "empty string"} is forbidden when status.currentVolumeAttributesClassName is not nil`;
    errors.push(forbidden("spec.volumeAttributesClassName", text));
  }
  return errors;
}

/** A claim made before there was a default class may get it afterwards. */
function storageClassIsGivenLate({ spec, metadata }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = "volume.beta.kubernetes.io/storage-class";
  return (
    spec.storageClassName !== undefined &&
    old.metadata.annotations?.[annotation] === undefined &&
    metadata.annotations?.[annotation] === undefined
  );
}

/** Down to what the volume has already: a way out when a volume cannot grow. */
function validateShrinking(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const sizeOf = (value: string | number | undefined) => parseQuantity(value ?? 0) ?? ZERO_QUANTITY;
  const size = sizeOf(claim.spec.resources?.requests?.storage);
  if (compareQuantities(size, sizeOf(old.spec.resources?.requests?.storage)) >= 0) return [];
  if (compareQuantities(size, sizeOf(old.status?.capacity?.storage)) > 0) return [];
  return [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")];
}

export function validateClaimStatusUpdate(claim: PersistentVolumeClaim): FieldError[] {
  return Object.entries(claim.status?.capacity ?? {}).flatMap(([name, value]) =>
    parseQuantity(value) ? [] : [invalidValue(`status.capacity[${name}]`, value, "must be a quantity")],
  );
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
