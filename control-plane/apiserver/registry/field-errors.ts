import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { type ApiError, invalid } from "@atoll/machinery/object/api-error";

/** The Invalid error of an object with these faults. */
export function invalidObject(kind: KindDefinition, name: string, errors: readonly FieldError[]): ApiError {
  return invalid(
    { group: kind.resource.group, name: kind.resource.kind },
    name,
    errors.map((error) => ({ reason: error.type, message: error.message, field: error.field })),
  );
}

export function throwIfInvalid(kind: KindDefinition, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject(kind, name, errors);
}

/** How NotFound, AlreadyExists and Conflict name a kind. */
export function subjectOf(kind: KindDefinition): { readonly group: string; readonly name: string } {
  return { group: kind.resource.group, name: kind.resource.plural };
}
