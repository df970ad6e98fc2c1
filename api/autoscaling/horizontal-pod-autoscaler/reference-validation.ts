import type { CrossVersionObjectReference } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { checkPathSegment } from "../../meta/names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

/** Older objects refer to versions that newer ones may not: whether it is looked at, and whether a group has to be in it. */
export interface ReferenceRules {
  readonly version: "any" | "parsed" | "with a group";
}

/** What is scaled, or what a measure describes. */
export function validateTargetReference(
  reference: CrossVersionObjectReference | undefined,
  path: string,
  { version }: ReferenceRules,
): FieldError[] {
  const errors = (["kind", "name"] as const).flatMap((name) => {
    const value = reference?.[name];
    const field = `${path}.${name}`;
    return value ? invalidTexts(field, value, checkPathSegment(value)) : [required(field)];
  });
  const apiVersion = reference?.apiVersion ?? "";
  const problem = version === "any" ? undefined : problemOfVersion(apiVersion, version === "with a group");
  return problem === undefined ? errors : [...errors, invalidValue(`${path}.apiVersion`, apiVersion, problem)];
}

export function problemOfVersion(apiVersion: string, needsGroup: boolean): string | undefined {
  const [group, ...rest] = apiVersion.split("/");
  if (rest.length > 1) return `unexpected GroupVersion string: ${apiVersion}`;
  if (needsGroup && (rest.length === 0 || group === "")) return "apiVersion must specify API group";
  return undefined;
}
