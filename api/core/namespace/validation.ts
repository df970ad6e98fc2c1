import type { Namespace } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

export function validateNamespace({ spec }: Namespace): FieldError[] {
  return (spec.finalizers ?? []).flatMap((name) => validateFinalizer(name, "spec.finalizers"));
}

/** What a write to the `finalize` subresource is refused for. */
export function validateFinalizers({ spec }: Namespace): FieldError[] {
  return (spec.finalizers ?? []).flatMap((name, i) => validateFinalizer(name, `spec.finalizers[${i}]`));
}

function validateFinalizer(name: string, path: string): FieldError[] {
  const errors = invalidTexts(path, name, checkQualifiedName(name));
  if (name.includes("/") || STANDARD_FINALIZERS.includes(name)) return errors;
  return [...errors, invalidValue(path, name, "name is neither a standard finalizer name nor is it fully qualified")];
}

/** The phase says whether the namespace is being deleted, and nothing else. */
export function validateNamespaceStatus({ metadata, status }: Namespace): FieldError[] {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const phase = isDeleted ? "Terminating" : "Active";
  if (status?.phase === phase) return [];
  const text = `may only be '${phase}' if \`deletionTimestamp\` is ${isDeleted ? "not empty" : "empty"}`;
  return [invalidValue("status.Phase", status?.phase ?? "", text)];
}
