import type { Quantity, ResourceRequirements } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { compareQuantities, parseQuantity } from "../../meta/quantity.ts";
import { validateQuantities } from "../../meta/quantity-validation.ts";

/** Names without a prefix that containers may ask for. */
const STANDARD = new Set(["cpu", "memory", "ephemeral-storage"]);

export function validateResources(resources: ResourceRequirements | undefined, path: string): FieldError[] {
  const { limits, requests } = resources ?? {};
  const errors = [
    ...validateQuantities(limits, `${path}.limits`),
    ...validateQuantities(requests, `${path}.requests`),
    ...validateResourceNames(limits, `${path}.limits`),
    ...validateResourceNames(requests, `${path}.requests`),
  ];
  for (const [name, value] of Object.entries(requests ?? {})) {
    const request = parseQuantity(value);
    const limitValue = limits?.[name];
    const limit = limitValue === undefined ? undefined : parseQuantity(limitValue);
    if (!request) continue;
    if (limit && compareQuantities(request, limit) > 0) {
      const text = `must be less than or equal to ${name} limit of ${limitValue}`;
      errors.push(invalidValue(`${path}.requests`, String(value), text));
    } else if (!limit && !isOvercommitable(name)) {
      errors.push(required(`${path}.limits`, "Limit must be set for non overcommitable resources"));
    }
  }
  return errors;
}

function validateResourceNames(list: Readonly<Record<string, Quantity>> | undefined, path: string): FieldError[] {
  return Object.keys(list ?? {})
    .filter((name) => !name.includes("/") && !STANDARD.has(name) && !name.startsWith("hugepages-"))
    .map((name) => invalidValue(`${path}[${name}]`, name, "must be a standard resource type or fully qualified"));
}

function isOvercommitable(name: string): boolean {
  return STANDARD.has(name);
}
