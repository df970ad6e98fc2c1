import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { type ApiError, invalid } from "@atoll/machinery/object/api-error";
import { schemaAt, showValue } from "./shown-value.ts";

/** The Invalid error of an object with these faults. */
export function invalidObject(kind: KindDefinition, name: string, errors: readonly FieldError[]): ApiError {
  return invalid(
    nounOf(kind),
    name,
    errors.map((error) => ({ reason: error.type, message: messageOf(kind, error), field: error.field })),
  );
}

/** A kind that shows another group's objects is checked as that, and its faults have the other's paths. */
function messageOf(kind: KindDefinition, { field, message, value, valueType }: FieldError): string {
  if (value === undefined) return message;
  const { schema } = kind.storedAs ?? kind;
  const type = valueType === undefined ? schemaAt(schema, field) : { ref: valueType };
  return message.replace(JSON.stringify(value), () => showValue(type, value));
}

export function throwIfInvalid(kind: KindDefinition, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject(kind, name, errors);
}

/** How Invalid names a kind: one that shows another group's objects is checked as that. */
export function nounOf(kind: KindDefinition): { readonly group: string; readonly name: string } {
  const { group, kind: name } = (kind.storedAs ?? kind).resource;
  return { group, name };
}

/** How NotFound, AlreadyExists and Conflict name a kind. */
export function subjectOf(kind: KindDefinition): { readonly group: string; readonly name: string } {
  return { group: kind.resource.group, name: kind.resource.plural };
}
