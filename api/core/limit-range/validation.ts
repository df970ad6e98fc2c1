import { ownValue } from "@atoll/base/own-value";
import type { LimitRange, LimitRangeItem, Quantity as Amount } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, required } from "../../meta/field-error.ts";
import { checkEach } from "../../meta/long-checks.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../../meta/quantity.ts";
import { mayOvercommit, validateContainerResourceName, validateResourceName } from "../../meta/resource-names.ts";
import { invalidTexts } from "../../meta/value-validation.ts";

const TYPES = ["Container", "PersistentVolumeClaim", "Pod"];
const ONE: Quantity = { nanos: 1_000_000_000n, format: "decimal" };

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return checkEach(spec?.limits ?? [], (item, i) => {
    const path = `spec.limits[${i}]`;
    const { type = "" }: Partial<LimitRangeItem> = item;
    const errors = validateType(type, `${path}.type`);
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    return [...errors, ...validateItem(item, path)];
  });
}

function validateType(type: string, field: string): FieldError[] {
  const errors = invalidTexts(field, type, checkQualifiedName(type));
  if (errors.length > 0 || type.includes("/") || TYPES.includes(type)) return errors;
  return [invalidValue(field, type, "must be a standard limit type or fully qualified")];
}

const LISTS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const isPod = item.type === "Pod";
  const names = new Set<string>();
  for (const list of LISTS) {
    const amounts = Object.keys(item[list] ?? {});
    if (isPod && (list === "default" || list === "defaultRequest")) {
      if (amounts.length > 0) errors.push(forbidden(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
      continue;
    }
    const validateName = isPod || item.type === "Container" ? validateContainerResourceName : validateResourceName;
    for (const name of amounts) {
      errors.push(...validateName(name, `${path}.${list}[${name}]`));
      names.add(name);
    }
  }
  if (item.type === "PersistentVolumeClaim" && item.min?.storage === undefined && item.max?.storage === undefined) {
    const text = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(required(`${path}.limits`, text));
  }
  return [...errors, ...checkEach([...names].sort(), (name) => validateOrder(item, name, path))];
}

/** min ≤ default request ≤ default ≤ max, as far as they are there; a ratio is between 1 and max/min. */
function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  // A pod's defaults are refused as a whole; they are not compared, too.
  const isCompared = (list: string) => item.type !== "Pod" || !list.startsWith("default");
  const show = (list: (typeof LISTS)[number]) => ownValue(item[list], name);
  const of = (list: (typeof LISTS)[number]) => (isCompared(list) ? parseAmount(show(list)) : undefined);
  const refuse = (list: (typeof LISTS)[number], shown: (typeof LISTS)[number], text: string) =>
    errors.push(invalidValue(`${path}.${list}[${name}]`, show(shown), text));
  const isMore = (a: Quantity | undefined, b: Quantity | undefined) => a && b && compareQuantities(a, b) > 0;
  const [max, min, byDefault] = [of("max"), of("min"), of("default")];
  const [request, ratio] = [of("defaultRequest"), of("maxLimitRequestRatio")];
  if (isMore(min, max)) refuse("min", "min", `min value ${show("min")} is greater than max value ${show("max")}`);
  const requestText = `default request value ${show("defaultRequest")}`;
  if (isMore(min, request)) {
    refuse("defaultRequest", "defaultRequest", `min value ${show("min")} is greater than ${requestText}`);
  }
  if (isMore(request, max)) {
    refuse("defaultRequest", "defaultRequest", `${requestText} is greater than max value ${show("max")}`);
  }
  if (isMore(request, byDefault)) {
    const text = `${requestText} is greater than default limit value ${show("default")}`;
    refuse("defaultRequest", "defaultRequest", text);
  }
  const defaultText = `default value ${show("default")}`;
  if (isMore(min, byDefault)) refuse("default", "min", `min value ${show("min")} is greater than ${defaultText}`);
  if (isMore(byDefault, max)) refuse("default", "max", `${defaultText} is greater than max value ${show("max")}`);
  const ratioText = `ratio ${show("maxLimitRequestRatio")}`;
  if (isMore(ONE, ratio)) refuse("maxLimitRequestRatio", "maxLimitRequestRatio", `${ratioText} is less than 1`);
  if (ratio && min && max) {
    // Of a minimum of nothing the limit is without end, unless there is less than nothing.
    const limit = Number(max.nanos) / Number(min.nanos);
    if (Number(ratio.nanos) / 1e9 > limit) {
      const shown = limit === -Infinity ? "-Inf" : limit.toFixed(6);
      const text = `${ratioText} is greater than max/min = ${shown}`;
      refuse("maxLimitRequestRatio", "maxLimitRequestRatio", text);
    }
  }
  if (!mayOvercommit(name) && byDefault && request && compareQuantities(byDefault, request) !== 0) {
    const text = `${defaultText} must equal to defaultRequest value ${show("defaultRequest")} in ${name}`;
    refuse("defaultRequest", "defaultRequest", text);
  }
  return errors;
}

function parseAmount(value: Amount | undefined): Quantity | undefined {
  return value === undefined ? undefined : parseQuantity(value);
}
