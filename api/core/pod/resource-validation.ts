import { ownValue } from "@atoll/base/own-value";
import type { Quantity, ResourceClaim, ResourceRequirements } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, notFound, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import { compareQuantities, parseQuantity, toUnits } from "../../meta/quantity.ts";
import { validateAmount } from "../../meta/quantity-validation.ts";
import { HUGE_PAGES, mayOvercommit, validateContainerResourceName } from "../../meta/resource-names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

type Amounts = Readonly<Record<string, Quantity>>;

export interface ResourceOptions {
  readonly validateName: (name: string, field: string) => FieldError[];
  /** Names of the pod's claims. */
  readonly claims: ReadonlySet<string>;
}

export function validateResources(
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return validateRequirements(resources ?? {}, { validateName: validateContainerResourceName, claims }, path);
}

/** What the runtime itself needs: as limits of a container are checked. */
export function validateOverhead(overhead: Amounts | undefined, path: string): FieldError[] {
  return overhead ? validateResources({ limits: overhead }, new Set(), path) : [];
}

export function validateRequirements(
  { limits = {}, requests = {}, claims = [] }: ResourceRequirements,
  options: ResourceOptions,
  path: string,
): FieldError[] {
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const errors = [
    ...validateAmounts(limits, options, `${path}.limits`),
    ...validateAmounts(requests, options, `${path}.requests`),
    ...validateRequests(requests, limits, path),
  ];
  const usesHugePages = names.some((name) => name.startsWith(HUGE_PAGES));
  if (usesHugePages && !names.includes("cpu") && !names.includes("memory")) {
    errors.push(forbidden(path, "HugePages require cpu or memory"));
  }
  return [...errors, ...validateClaims(claims, options.claims, `${path}.claims`)];
}

function validateAmounts(amounts: Amounts, { validateName }: ResourceOptions, path: string): FieldError[] {
  return checkEach(Object.entries(amounts), ([name, value]) => {
    const field = `${path}[${name}]`;
    const errors = [...validateName(name, field), ...validateAmount(name, value, field)];
    if (name.startsWith(HUGE_PAGES) && !isWholePages(name, value)) {
      errors.push(invalidValue(field, value, `${value} is not positive integer multiple of ${name}`));
    }
    return errors;
  });
}

function isWholePages(name: string, value: Quantity): boolean {
  const size = parseQuantity(name.slice(HUGE_PAGES.length));
  const quantity = parseQuantity(value);
  if (!size || !quantity || size.nanos <= 0n || size.nanos % 1_000_000_000n !== 0n) return false;
  return toUnits(quantity) % toUnits(size) === 0n;
}

function validateRequests(requests: Amounts, limits: Amounts, path: string): FieldError[] {
  return checkEach(Object.entries(requests), ([name, value]) => {
    const request = parseQuantity(value);
    const limitValue = ownValue(limits, name);
    if (limitValue === undefined) {
      if (mayOvercommit(name)) return [];
      return [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
    }
    const limit = parseQuantity(limitValue);
    const difference = request && limit ? compareQuantities(request, limit) : 0;
    if (difference === 0 || (difference < 0 && mayOvercommit(name))) return [];
    const relation = mayOvercommit(name) ? "less than or equal" : "equal";
    return [invalidValue(`${path}.requests`, value, `must be ${relation} to ${name} limit of ${limitValue}`)];
  });
}

/** Each claim, or each request of it, once; a claim as a whole and a part of it are not two. */
function validateClaims(claims: readonly ResourceClaim[], known: ReadonlySet<string>, path: string): FieldError[] {
  const seen = new Set<string>();
  const partsSeen = new Map<string, number>();
  return checkEach(claims, ({ name, request }, i) => {
    const field = `${path}[${i}]`;
    if (!name) return [required(field)];
    const errors: FieldError[] = [];
    if (seen.has(name)) errors.push(duplicate(field, name));
    else {
      const key = request ? `${name}/${request}` : name;
      if (request) errors.push(...invalidTexts(`${field}.request`, request, checkDns1123Label(request)));
      const parts = partsSeen.get(name) ?? 0;
      if (seen.has(key)) errors.push(duplicate(field, key));
      else if (request) partsSeen.set(name, parts + 1);
      else errors.push(...Array.from({ length: parts }, () => duplicate(field, name)));
      seen.add(key);
    }
    if (!known.has(name)) errors.push(notFound(field, name, describeKnown(known)));
    return errors;
  });
}

function describeKnown(known: ReadonlySet<string>): string {
  const list = known.size === 0 ? " which is empty" : `: ${[...known].sort().join(", ")}`;
  return `must be one of the names in pod.spec.resourceClaims${list}`;
}
