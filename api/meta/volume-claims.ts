// What volumes and the claims to them have in common: access modes, sizes and classes.

import type { FieldError } from "../kind.ts";
import { forbidden, notSupported } from "./field-error.ts";

export const VOLUME_MODES = ["Block", "Filesystem"];
const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const SINGLE_POD_MODE = "ReadWriteOncePod";

/** The class was an annotation once; where it is set it still wins. */
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** Who holds a volume, a claim or an attributes class that somebody uses. */
export const VOLUME_PROTECTION_FINALIZER = "kubernetes.io/pv-protection";
export const CLAIM_PROTECTION_FINALIZER = "kubernetes.io/pvc-protection";
export const VOLUME_ATTRIBUTES_CLASS_PROTECTION_FINALIZER = "kubernetes.io/vac-protection";

/** On a claim: both sides of the binding were written once, and what is missing now is lost. */
export const BIND_COMPLETED_ANNOTATION = "pv.kubernetes.io/bind-completed";
/** On a volume or a claim: nobody but the controller asked for the other side, so it may be taken back. */
export const BOUND_BY_CONTROLLER_ANNOTATION = "pv.kubernetes.io/bound-by-controller";
/** On a volume: who made it, and has to delete it. */
export const PROVISIONED_BY_ANNOTATION = "pv.kubernetes.io/provisioned-by";
/** On a claim: who shall make its volume, in both names that provisioners look at. */
export const STORAGE_PROVISIONER_ANNOTATIONS = [
  "volume.kubernetes.io/storage-provisioner",
  "volume.beta.kubernetes.io/storage-provisioner",
] as const;
/** On a claim: the host that the scheduler has chosen for its first pod. */
export const SELECTED_NODE_ANNOTATION = "volume.kubernetes.io/selected-node";

/** Whether the class was named at all; "" names none on purpose. */
export function namesStorageClass(object: Parameters<typeof storageClassOf>[0]): boolean {
  return object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined || object.spec?.storageClassName !== undefined;
}

export function validateAccessModes(modes: readonly string[], field: string): FieldError[] {
  const errors = modes
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(field, mode, ACCESS_MODES));
  const hasOther = modes.some((mode) => mode !== SINGLE_POD_MODE && ACCESS_MODES.includes(mode));
  if (modes.includes(SINGLE_POD_MODE) && hasOther) {
    errors.push(forbidden(field, "may not use ReadWriteOncePod with other access modes"));
  }
  return errors;
}

const SHORT_NAMES: readonly (readonly [string, string])[] = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
];

/** "RWO,ROX" */
export function formatAccessModes(modes: readonly string[] | undefined): string {
  return SHORT_NAMES.filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(",");
}

export function storageClassOf(object: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly storageClassName?: string };
}): string {
  return object.metadata.annotations?.[CLASS_ANNOTATION] ?? object.spec?.storageClassName ?? "";
}
