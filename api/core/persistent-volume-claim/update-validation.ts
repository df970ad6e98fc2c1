import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import {
  forbidden,
  IMMUTABLE_FIELD,
  invalidValue,
  isEqualJson,
  notSupported,
  required,
  unchanged,
} from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../meta/quantity.ts";
import { validateAmount, validateUnits } from "../../meta/quantity-validation.ts";
import { isNative } from "../../meta/resource-names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";
import { validateClaim } from "./validation.ts";

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** A claim is what quotas and limits were checked for: only its volume (once), its size and its attributes class move. */
export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaim(claim);
  const [annotation, oldAnnotation] = [annotatedClass(claim), annotatedClass(old)];
  const isMoved = classMovesFromAnnotation(claim, old);
  if (!isMoved && (annotation ?? "") !== (oldAnnotation ?? "")) {
    errors.push(invalidValue(`metadata.annotations.${CLASS_ANNOTATION}`, annotation ?? "", IMMUTABLE_FIELD));
  }
  const mayNameClass = isMoved || classIsNamedLate(claim, old);
  if (!isEqualJson(fixedPart(claim.spec, old, claim, mayNameClass), fixedPart(old.spec, old, claim, mayNameClass))) {
    const text =
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    errors.push(forbidden("spec", text));
  }
  errors.push(...validateShrinking(claim, old), ...unchanged("volumeMode", claim.spec.volumeMode, old.spec.volumeMode));
  if (old.status?.currentVolumeAttributesClassName !== undefined && !claim.spec.volumeAttributesClassName) {
    const isRemoved = claim.spec.volumeAttributesClassName === undefined;
    const text = `update to ${isRemoved ? "nil" : "empty string"} is forbidden when status.currentVolumeAttributesClassName is not nil`;
    if (old.spec.volumeAttributesClassName !== claim.spec.volumeAttributesClassName) {
      errors.push(forbidden("spec.volumeAttributesClassName", text));
    }
  }
  return errors;
}

/** What of a spec must be the same in the old and in the new claim. */
function fixedPart(
  spec: PersistentVolumeClaimSpec,
  old: PersistentVolumeClaim,
  claim: PersistentVolumeClaim,
  mayNameClass: boolean,
): PersistentVolumeClaimSpec {
  const fixed = structuredClone(spec);
  if (!old.spec.volumeName) delete fixed.volumeName;
  if (mayNameClass) delete fixed.storageClassName;
  if (claim.status?.phase !== "Bound") return fixed;
  delete fixed.volumeAttributesClassName;
  // A claim that asks for nothing any more is not excused.
  if (claim.spec.resources?.requests) delete fixed.resources?.requests?.storage;
  return fixed;
}

function annotatedClass({ metadata }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations?.[CLASS_ANNOTATION];
}

/** The class was an annotation once, and becomes a field of the same value. */
function classMovesFromAnnotation(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const [annotation, oldAnnotation] = [annotatedClass(claim), annotatedClass(old)];
  return (
    oldAnnotation !== undefined &&
    old.spec.storageClassName === undefined &&
    claim.spec.storageClassName === oldAnnotation &&
    (annotation === undefined || annotation === oldAnnotation)
  );
}

/** A claim made before there was a default class may get it afterwards. */
function classIsNamedLate({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const annotation = annotatedClass(old);
  return (
    spec.storageClassName !== undefined &&
    old.spec.storageClassName === undefined &&
    (annotation === undefined || annotation === spec.storageClassName)
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

const RESIZE_STATES = [
  ...["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending"],
  ...["NodeResizeInProgress", "NodeResizeInfeasible"],
].sort();

export function validateClaimStatusUpdate({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.accessModes?.length) errors.push(required("Spec.accessModes"));
  for (const [name, value] of Object.entries(status.capacity ?? {})) {
    errors.push(...validateUnits(value, `status.capacity[${name}]`));
  }
  const path = "status.allocatedResourceStatuses";
  for (const [name, state] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    errors.push(...validateKey(name, path));
    // The name is shown where the state is meant.
    if (!RESIZE_STATES.includes(state)) errors.push(notSupported(path, name, RESIZE_STATES));
  }
  for (const [name, value] of Object.entries(status.allocatedResources ?? {})) {
    const field = `status.allocatedResources[${name}]`;
    const faults = [...validateKey(name, "status.allocatedResources")];
    if (faults.length === 0) faults.push(...validateUnits(value, field));
    errors.push(...(faults.length > 0 ? faults : validateAmount("storage", value, field)));
  }
  return errors;
}

/** Of Kubernetes' own resources, a claim has storage alone. */
function validateKey(name: string, path: string): FieldError[] {
  const errors = invalidTexts(path, name, checkQualifiedName(name));
  if (errors.length > 0 || !isNative(name) || name === "storage") return errors;
  return [notSupported(path, name, ["storage"])];
}
