// What volumes and the claims to them have in common: access modes, sizes and classes.

import type { FieldError } from "../kind.ts";
import { forbidden, notSupported } from "./field-error.ts";

export const VOLUME_MODES = ["Block", "Filesystem"];
const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const SINGLE_POD_MODE = "ReadWriteOncePod";

/** The class was an annotation once; where it is set it still wins. */
const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

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
