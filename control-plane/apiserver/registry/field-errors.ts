import type { FieldError, KindDefinition } from "@atoll/api/kind";
import { FAULTS_LENGTH_MAX } from "@atoll/api/meta/long-checks";
import type { StatusCause } from "@atoll/api/meta/types";
import { doAtOnce, LeftLists } from "@atoll/base/steps";
import { type ApiError, invalid } from "@atoll/machinery/object/api-error";
import { schemaAt, showValue } from "./shown-value.ts";

/** The Invalid error of an object with these faults. */
export function invalidObject(kind: KindDefinition, name: string, errors: readonly FieldError[]): ApiError {
  return doAtOnce(invalidInSteps(kind, name, errors));
}

/** There may be as many faults as an object has values: pauses between those of a long list, and before they are put together. */
export function* invalidInSteps(
  kind: KindDefinition,
  name: string,
  errors: readonly FieldError[],
): Generator<void, ApiError> {
  const left = new LeftLists();
  const causes: StatusCause[] = [];
  let length = 0;
  left.forEach(errors, (error) => {
    if (length > FAULTS_LENGTH_MAX) return;
    const message = messageOf(kind, error);
    length += message.length;
    causes.push({ reason: error.type, message, field: error.field });
  });
  yield* left.finish();
  return invalid(nounOf(kind), name, causes);
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
