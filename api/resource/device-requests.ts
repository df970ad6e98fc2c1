// What a claim asks for, in claims and in the templates that claims are made from.

import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
} from "../generated/types.ts";
import type { FaultsAt, FieldError } from "../kind.ts";
import { invalidValue, NO_FAULTS, notSupported, required, tooLong } from "../meta/field-error.ts";
import { checkDns1123Subdomain } from "../meta/names.ts";
import { utf8Length } from "../meta/object-meta.ts";
import { invalidTexts, validateOptionalChoice } from "../meta/value-validation.ts";
import {
  validateDriverName,
  validateFullyQualifiedName,
  validateItems,
  validateLabel,
  validateLabelKey,
  validateLabelValue,
  validateUniqueItems,
} from "./device-names.ts";

export const REQUESTS_MAX = 32;
export const CONFIGURATIONS_MAX = 32;
const CONSTRAINTS_MAX = 32;
const SELECTORS_MAX = 32;
const ALTERNATIVES_MAX = 8;
/** Kubernetes' limits of one expression and of a driver's own parameters. */
const EXPRESSION_BYTES_MAX = 10 * 1024;
const PARAMETERS_BYTES_MAX = 10 * 1024;

const ALLOCATION_MODES = ["All", "ExactCount"];
const TOLERATION_OPERATORS = ["Equal", "Exists"];
export const TAINT_EFFECTS = ["NoExecute", "NoSchedule", "None"];

interface Counted {
  allocationMode?: string;
  count?: number;
  tolerations?: DeviceToleration[];
}

export function applyDeviceClaimDefaults(claim: DeviceClaim | undefined): void {
  for (const { exactly, firstAvailable = [] } of claim?.requests ?? []) {
    for (const request of exactly ? [exactly, ...firstAvailable] : firstAvailable) applyRequestDefaults(request);
  }
}

function applyRequestDefaults(request: Counted): void {
  request.allocationMode ||= "ExactCount";
  if (request.allocationMode === "ExactCount") request.count ||= 1;
  for (const toleration of request.tolerations ?? []) toleration.operator ||= "Equal";
}

export function validateDeviceClaim(
  claim: DeviceClaim | undefined,
  path: string,
  faultsAt: FaultsAt = NO_FAULTS,
): FieldError[] {
  const { requests, constraints, config } = claim ?? {};
  const names = requestNames(claim);
  return [
    ...validateUniqueItems(requests, `${path}.requests`, {
      max: REQUESTS_MAX,
      check: (request, field) => validateRequest(request, field, faultsAt),
      keyOf: ({ name }) => name,
    }),
    ...validateItems(constraints, `${path}.constraints`, {
      max: CONSTRAINTS_MAX,
      check: (constraint, field) => validateConstraint(constraint, field, names),
    }),
    ...validateItems(config, `${path}.config`, {
      max: CONFIGURATIONS_MAX,
      check: (entry, field) => [
        ...validateRequestReferences(entry.requests, `${field}.requests`, names),
        ...validateConfiguration(entry.opaque, field),
      ],
    }),
  ];
}

/** All words that name a request of the claim: "gpu", "gpu/large". */
export type RequestNames = ReadonlySet<string>;

export function requestNames(claim: DeviceClaim | undefined): RequestNames {
  return new Set(
    (claim?.requests ?? [])
      .flatMap(({ name, firstAvailable = [] }) => [
        name,
        ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
      ])
      .filter((name) => name.split("/").length <= 2),
  );
}

export function validateRequestReferences(
  references: readonly string[] | undefined,
  path: string,
  names: RequestNames,
): FieldError[] {
  return validateUniqueItems(references, path, {
    max: REQUESTS_MAX,
    check: (name, field) => validateRequestReference(name, field, names),
    keyOf: (name) => name,
  });
}

const REFERENCE_TEXT =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

export function validateRequestReference(name: string, field: string, names: RequestNames): FieldError[] {
  const segments = name.split("/");
  if (segments.length > 2) return [invalidValue(field, name, REFERENCE_TEXT)];
  const errors = segments.flatMap((segment) => validateLabel(segment, field));
  return names.has(name) ? errors : [...errors, invalidValue(field, name, REFERENCE_TEXT)];
}

function validateRequest(
  { name, exactly, firstAvailable = [] }: DeviceRequest,
  path: string,
  faultsAt: FaultsAt,
): FieldError[] {
  const errors = validateLabel(name, `${path}.name`);
  if (exactly && firstAvailable.length > 0) {
    const text = "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set";
    return [...errors, invalidValue(path, null, text)];
  }
  if (exactly) return [...errors, ...validateWanted(exactly, `${path}.exactly`, faultsAt)];
  if (firstAvailable.length === 0) {
    return [...errors, required(path, "exactly one of `exactly` or `firstAvailable` is required")];
  }
  return [
    ...errors,
    ...validateUniqueItems(firstAvailable, `${path}.firstAvailable`, {
      max: ALTERNATIVES_MAX,
      check: (alternative, field) => [
        ...validateLabel(alternative.name, `${field}.name`),
        ...validateWanted(alternative, field, faultsAt),
      ],
      keyOf: (alternative) => alternative.name,
    }),
  ];
}

function validateWanted(
  request: Pick<ExactDeviceRequest, "deviceClassName" | "selectors" | "allocationMode" | "count" | "tolerations">,
  path: string,
  faultsAt: FaultsAt,
): FieldError[] {
  const { deviceClassName, selectors, allocationMode = "", count = 0, tolerations } = request;
  const className = `${path}.deviceClassName`;
  const errors = deviceClassName
    ? invalidTexts(className, deviceClassName, checkDns1123Subdomain(deviceClassName))
    : [required(className)];
  errors.push(...validateSelectors(selectors, `${path}.selectors`, faultsAt));
  if (allocationMode === "All" && count !== 0) {
    errors.push(invalidValue(`${path}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else if (allocationMode === "ExactCount" && count <= 0) {
    errors.push(invalidValue(`${path}.count`, count, "must be greater than zero"));
  } else if (!ALLOCATION_MODES.includes(allocationMode)) {
    errors.push(notSupported(`${path}.allocationMode`, allocationMode, ALLOCATION_MODES));
  }
  return [...errors, ...validateItems(tolerations, `${path}.tolerations`, { check: validateToleration })];
}

function validateToleration({ key, operator, value = "", effect }: DeviceToleration, path: string): FieldError[] {
  const errors = key ? validateLabelKey(key, `${path}.key`) : [];
  if (operator === "Exists") {
    if (value !== "") errors.push(invalidValue(`${path}.value`, value, "must be empty for operator `Exists`"));
  } else if (operator === "Equal") {
    errors.push(...validateLabelValue(value, `${path}.value`));
  } else {
    errors.push(notSupported(`${path}.operator`, operator, TOLERATION_OPERATORS));
  }
  return [...errors, ...validateOptionalChoice(effect || undefined, TAINT_EFFECTS, `${path}.effect`)];
}

export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  path: string,
  faultsAt: FaultsAt,
): FieldError[] {
  return validateItems(selectors, path, {
    max: SELECTORS_MAX,
    check: ({ cel }, field) => {
      if (!cel) return [required(`${field}.cel`)];
      const place = `${field}.cel.expression`;
      const isTooLong = utf8Length(cel.expression ?? "") > EXPRESSION_BYTES_MAX;
      return isTooLong ? [tooLong(place, EXPRESSION_BYTES_MAX)] : [...faultsAt(place)];
    },
  });
}

function validateConstraint(constraint: DeviceConstraint, path: string, names: RequestNames): FieldError[] {
  const { matchAttribute, distinctAttribute } = constraint;
  const errors = validateRequestReferences(constraint.requests, `${path}.requests`, names);
  if (matchAttribute !== undefined) {
    errors.push(...validateFullyQualifiedName(matchAttribute, `${path}.matchAttribute`));
  } else if (distinctAttribute !== undefined) {
    errors.push(...validateFullyQualifiedName(distinctAttribute, `${path}.distinctAttribute`));
  } else {
    const text = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(required(path, text));
  }
  return errors;
}

/** What a driver is told beside the request; only the driver knows what it means. */
export function validateConfiguration(opaque: OpaqueDeviceConfiguration | undefined, path: string): FieldError[] {
  if (!opaque) return [required(`${path}.opaque`)];
  const { driver, parameters } = opaque;
  return [
    ...validateDriverName(driver, `${path}.opaque.driver`),
    ...validateFreeObject(parameters, `${path}.opaque.parameters`),
  ];
}

/** An object of any fields, small enough to be carried around. */
export function validateFreeObject(value: unknown, field: string): FieldError[] {
  if (value === undefined) return [required(field)];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [invalidValue(field, "<value omitted>", "must be a valid JSON object")];
  }
  return utf8Length(JSON.stringify(value)) > PARAMETERS_BYTES_MAX ? [tooLong(field, PARAMETERS_BYTES_MAX)] : [];
}
