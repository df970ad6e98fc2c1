// The devices that a driver publishes: what they have, how much of it, and from which hosts they can be reached.

import type {
  CapacityRequestPolicy,
  CounterSet,
  Device,
  DeviceAttribute,
  DeviceCapacity,
  DeviceCounterConsumption,
  DeviceTaint,
  NodeSelector,
  Quantity,
  ResourceSlice,
} from "../../generated/types.ts";
import { validateNodeSelector } from "../../core/pod/node-selector-validation.ts";
import type { FieldError } from "../../kind.ts";
import {
  forbidden,
  invalidValue,
  isEqualJson,
  notFound,
  required,
  tooLong,
  unchanged,
} from "../../meta/field-error.ts";
import { checkDns1123Subdomain } from "../../meta/names.ts";
import { utf8Length } from "../../meta/object-meta.ts";
import { isSaidEmpty } from "../../meta/said-empty.ts";
import { compareQuantities, parseQuantity } from "../../meta/quantity.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";
import {
  validateDriverName,
  validateEntries,
  validateItems,
  validateLabel,
  validateLabelKey,
  validateLabelValue,
  validatePoolName,
  validateQualifiedName,
  validateUniqueItems,
} from "../device-names.ts";
import { TAINT_EFFECTS } from "../device-requests.ts";
import { validateBindingConditions } from "../resource-claim/validation.ts";

const DEVICES_MAX = 128;
/** Where devices say more of themselves, so that a slice stays small enough to be stored. */
const DETAILED_DEVICES_MAX = 64;
const COUNTER_SETS_MAX = 8;
const COUNTERS_MAX = 32;
const CONSUMPTIONS_MAX = 2;
const ATTRIBUTES_AND_CAPACITIES_MAX = 32;
const ATTRIBUTE_VALUES_MAX = 48;
const ATTRIBUTE_BYTES_MAX = 64;
const TAINTS_MAX = 16;
const VALID_VALUES_MAX = 10;

export function validateResourceSlice({ spec }: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const { driver = "", pool, devices, sharedCounters } = spec ?? {};
  const errors = [
    ...validateDriverName(driver, "spec.driver"),
    ...validatePoolName(pool?.name ?? "", "spec.pool.name"),
  ];
  if ((pool?.resourceSliceCount ?? 0) <= 0) {
    errors.push(invalidValue("spec.pool.resourceSliceCount", pool?.resourceSliceCount, "must be greater than zero"));
  }
  if ((pool?.generation ?? 0) < 0) {
    errors.push(invalidValue("spec.pool.generation", pool?.generation, "must be greater than or equal to zero"));
  }
  if (old) {
    errors.push(
      ...unchanged("spec.pool.name", pool?.name, old.spec?.pool?.name),
      ...unchanged("spec.driver", driver, old.spec?.driver),
      ...unchanged("spec.nodeName", spec?.nodeName, old.spec?.nodeName),
    );
  }
  errors.push(...validateReach(spec ?? {}, "spec", SLICE_REACH));
  const isSaid = (field: "devices" | "sharedCounters") =>
    spec !== undefined && (spec[field] !== undefined || isSaidEmpty(spec, field));
  if (isSaid("sharedCounters") && isSaid("devices")) {
    errors.push(invalidValue("spec", "", "only one of `sharedCounters` or `devices` is allowed"));
  }
  const oldDevices = new Map((old?.spec?.devices ?? []).map((device) => [device.name, device]));
  return [
    ...errors,
    ...validateUniqueItems(devices, "spec.devices", {
      max: (devices ?? []).some(isDetailed) ? DETAILED_DEVICES_MAX : DEVICES_MAX,
      check: (device, path) =>
        validateDevice(device, path, {
          old: oldDevices.get(device.name),
          saysWhere: spec?.perDeviceNodeSelection === true,
        }),
      keyOf: ({ name }) => name,
    }),
    ...validateUniqueItems(sharedCounters, "spec.sharedCounters", {
      max: COUNTER_SETS_MAX,
      check: validateCounterSet,
      keyOf: ({ name }) => name,
    }),
  ];
}

function isDetailed({ taints, consumesCounters, attributes = {} }: Device): boolean {
  if (taints?.length || consumesCounters?.length) return true;
  return Object.values(attributes).some(({ bools, ints, strings, versions }) => bools || ints || strings || versions);
}

interface Reach {
  nodeName?: string;
  nodeSelector?: NodeSelector;
  allNodes?: boolean;
  perDeviceNodeSelection?: boolean;
}

interface ReachRule {
  readonly needed: string;
  readonly several: string;
  /** Words for an empty name. */
  readonly emptyName: string;
  readonly isOneTerm: boolean;
}

const FOUR = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
const THREE =
  "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

const SLICE_REACH: ReachRule = {
  needed: FOUR,
  several: `${FOUR}, but multiple fields are set`,
  emptyName: "must be either unset or set to a non-empty string",
  isOneTerm: true,
};
const DEVICE_REACH: ReachRule = { needed: THREE, several: THREE, emptyName: "must not be empty", isOneTerm: false };

/** From which hosts: exactly one way to say it. */
function validateReach(reach: Reach, path: string, rule: ReachRule): FieldError[] {
  const { nodeName, nodeSelector, ...flags } = reach;
  const errors: FieldError[] = [];
  const said: string[] = [];
  if (nodeName === "") errors.push(invalidValue(`${path}.nodeName`, nodeName, rule.emptyName));
  else if (nodeName !== undefined) {
    said.push("`nodeName`");
    errors.push(...invalidTexts(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)));
  }
  if (nodeSelector) {
    said.push("`nodeSelector`");
    errors.push(...validateNodeSelector(nodeSelector, `${path}.nodeSelector`));
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (rule.isOneTerm && terms.length !== 1) {
      const field = `${path}.nodeSelector.nodeSelectorTerms`;
      errors.push(invalidValue(field, terms, "must have exactly one node selector term"));
    }
  }
  for (const name of ["allNodes", "perDeviceNodeSelection"] as const) {
    const flag = flags[name];
    if (flag) said.push(`\`${name}\``);
    else if (flag !== undefined) {
      errors.push(invalidValue(`${path}.${name}`, flag, "must be either unset or set to true"));
    }
  }
  if (said.length === 0) errors.push(required(path, rule.needed));
  if (said.length > 1) errors.push(invalidValue(path, `{${said.join(", ")}}`, rule.several));
  return errors;
}

function validateDevice(
  device: Device,
  path: string,
  { old, saysWhere }: { readonly old: Device | undefined; readonly saysWhere: boolean },
): FieldError[] {
  const { attributes = {}, capacity = {}, nodeName, nodeSelector, allNodes, taints } = device;
  const errors = validateLabel(device.name, `${path}.name`);
  const entries = Object.keys(attributes).length + Object.keys(capacity).length;
  if (entries > ATTRIBUTES_AND_CAPACITIES_MAX) {
    const text = `the total number of attributes and capacities must not exceed ${ATTRIBUTES_AND_CAPACITIES_MAX}`;
    errors.push(invalidValue(path, entries, text));
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + valueCount(attribute), 0);
  if (values > ATTRIBUTE_VALUES_MAX) {
    const text = `the total number of attribute values must not exceed ${ATTRIBUTE_VALUES_MAX}`;
    errors.push(invalidValue(path, values, text));
  }
  errors.push(
    ...validateEntries(attributes, `${path}.attributes`, {
      checkKey: validateQualifiedName,
      check: validateAttribute,
    }),
    ...validateEntries(capacity, `${path}.capacity`, {
      checkKey: validateQualifiedName,
      check: (entry, field) => validateCapacity(entry, field, device.allowMultipleAllocations === true),
    }),
  );
  if (!old || !isEqualJson(old.taints, taints)) {
    errors.push(...validateItems(taints, `${path}.taints`, { max: TAINTS_MAX, check: validateTaint }));
  }
  errors.push(
    ...validateUniqueItems(device.consumesCounters, `${path}.consumesCounters`, {
      max: CONSUMPTIONS_MAX,
      check: validateConsumption,
      keyOf: ({ counterSet }) => counterSet,
    }),
  );
  if (saysWhere) {
    const reach: Reach = {};
    Object.assign(reach, { nodeName, nodeSelector, allNodes });
    errors.push(...validateReach(reach, path, DEVICE_REACH));
  } else if (nodeName !== undefined || nodeSelector || allNodes !== undefined) {
    const text =
      "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    errors.push(invalidValue(path, null, text));
  }
  return [...errors, ...validateBindingConditions(device, path), ...validateMappings(device, path)];
}

function valueCount({ bools = [], ints = [], strings = [], versions = [] }: DeviceAttribute): number {
  return Math.max(1, bools.length + ints.length + strings.length + versions.length);
}

// The expression that semver.org gives.
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

function validateAttribute(attribute: DeviceAttribute, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { string, version, strings = [], versions = [] } = attribute;
  const said = Object.values(attribute).filter((value) => value !== undefined);
  if (string !== undefined) errors.push(...validateText(string, `${path}.string`));
  if (version !== undefined) errors.push(...validateVersion(version, `${path}.version`));
  for (const name of ["bools", "ints", "strings", "versions"] as const) {
    if (attribute[name]?.length === 0) {
      errors.push(invalidValue(`${path}.${name}`, [], "must not be empty if specified"));
    }
  }
  errors.push(
    ...validateItems(strings, `${path}.strings`, { check: validateText }),
    ...validateItems(versions, `${path}.versions`, { check: validateVersion }),
  );
  if (said.length === 1) return errors;
  return [...errors, invalidValue(path, said.length === 0 ? "" : attribute, "exactly one value must be specified")];
}

function validateText(text: string, field: string): FieldError[] {
  return utf8Length(text) > ATTRIBUTE_BYTES_MAX ? [tooLong(field, ATTRIBUTE_BYTES_MAX)] : [];
}

function validateVersion(version: string, field: string): FieldError[] {
  const isVersion = version.length <= ATTRIBUTE_BYTES_MAX && SEMVER.test(version);
  const errors = isVersion
    ? []
    : [invalidValue(field, version, "must be a string compatible with semver.org spec 2.0.0")];
  return [...errors, ...validateText(version, field)];
}

function validateCapacity({ value, requestPolicy }: DeviceCapacity, path: string, isShared: boolean): FieldError[] {
  if (!requestPolicy) return [];
  if (!isShared) return [forbidden(`${path}.requestPolicy`, "allowMultipleAllocations must be true")];
  return validatePolicy(requestPolicy, value, `${path}.requestPolicy`);
}

/** How much of a capacity may be asked for at a time. */
function validatePolicy(policy: CapacityRequestPolicy, capacity: Quantity, path: string): FieldError[] {
  const { validValues = [], validRange } = policy;
  if (validValues.length > 0 && validRange) {
    const text = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbidden(path, text)];
  }
  if (validValues.length > 0) return validateValues(policy, capacity, path);
  return validRange ? validateRange(policy, capacity, path) : [];
}

function validateValues(policy: CapacityRequestPolicy, capacity: Quantity, path: string): FieldError[] {
  const { validValues = [], default: usual } = policy;
  if (usual === undefined) return [required(`${path}.default`, "required when validValues is defined")];
  const field = `${path}.validValues`;
  const errors = validValues.flatMap((value, index) => {
    const next = validValues[index + 1];
    if (next === undefined || compare(value, next) <= 0) return [];
    return [invalidValue(`${field}[${index + 1}]`, next, "values must be sorted in ascending order")];
  });
  errors.push(
    ...validateUniqueItems(validValues, field, {
      max: VALID_VALUES_MAX,
      check: (value, at) =>
        compare(value, capacity) > 0
          ? [invalidValue(at, value, `option is larger than capacity value: ${capacity}`)]
          : [],
      keyOf: (value) => String(value),
    }),
  );
  if (!validValues.some((value) => compare(value, usual) === 0)) {
    errors.push(invalidValue(field, usual, "default value is not valid according to the requestPolicy"));
  }
  return errors;
}

function validateRange(policy: CapacityRequestPolicy, capacity: Quantity, path: string): FieldError[] {
  const { default: usual, validRange } = policy;
  if (usual === undefined) return [required(`${path}.default`, "required when validRange is defined")];
  const { min, max, step } = validRange ?? {};
  const field = `${path}.validRange`;
  if (min === undefined) return [required(`${field}.min`, "required when validRange is defined")];
  const errors: FieldError[] = [];
  const refuse = (name: string, value: Quantity, text: string) =>
    errors.push(invalidValue(`${field}.${name}`, value, text));
  if (compare(min, capacity) > 0) refuse("min", min, `min is larger than capacity value: ${capacity}`);
  if (compare(usual, min) < 0) refuse("min", usual, `default is less than min: ${min}`);
  if (max !== undefined) {
    if (compare(min, max) > 0) refuse("max", min, `min is larger than max: ${max}`);
    if (compare(max, capacity) > 0) refuse("max", max, `max is larger than capacity value: ${capacity}`);
    if (compare(usual, max) > 0) refuse("max", usual, `default is more than max: ${max}`);
  }
  if (step !== undefined) {
    for (const value of max === undefined ? [usual] : [usual, max]) {
      if (isMultiple(value, min, step)) continue;
      refuse("step", value, `value is not a multiple of a given step (${step}) from (${min})`);
    }
  }
  return errors;
}

function compare(left: Quantity, right: Quantity): number {
  const [a, b] = [parseQuantity(left), parseQuantity(right)];
  return a && b ? compareQuantities(a, b) : 0;
}

function isMultiple(value: Quantity, min: Quantity, step: Quantity): boolean {
  const [a, b, c] = [value, min, step].map((text) => parseQuantity(text)?.nanos ?? 0n);
  return c === undefined || c === 0n || ((a ?? 0n) - (b ?? 0n)) % c === 0n;
}

function validateTaint({ key, value, effect }: DeviceTaint, path: string): FieldError[] {
  return [
    ...validateLabelKey(key, `${path}.key`),
    ...(value ? validateLabelValue(value, `${path}.value`) : []),
    ...validateChoice(effect, TAINT_EFFECTS, `${path}.effect`),
  ];
}

function validateCounterSet({ name, counters }: CounterSet, path: string): FieldError[] {
  return [
    ...(name ? validateLabel(name, `${path}.name`) : [required(`${path}.name`)]),
    ...validateCounters(counters, `${path}.counters`),
  ];
}

function validateConsumption({ counterSet, counters }: DeviceCounterConsumption, path: string): FieldError[] {
  const field = `${path}.counterSet`;
  return [
    ...(counterSet ? validateLabel(counterSet, field) : [required(field)]),
    ...validateCounters(counters, `${path}.counters`),
  ];
}

function validateCounters(counters: CounterSet["counters"] | undefined, field: string): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(field)];
  return validateEntries(counters, field, { max: COUNTERS_MAX, checkKey: validateLabel });
}

function validateMappings({ nodeAllocatableResourceMappings, capacity }: Device, path: string): FieldError[] {
  return Object.entries(nodeAllocatableResourceMappings ?? {}).flatMap(([name, mapping]) => {
    const key = `${path}.nodeAllocatableResourceMappings[${name}]`;
    const { allocationMultiplier: multiplier, capacityKey } = mapping;
    const errors: FieldError[] = [];
    if (name.includes("/") && !name.includes("kubernetes.io/")) {
      errors.push(invalidValue(key, name, "must be a node allocatable resource name"));
    }
    if (multiplier !== undefined && compare(multiplier, "0") <= 0) {
      errors.push(invalidValue(`${key}.allocationMultiplier`, multiplier, "must be positive"));
    }
    if (capacityKey === "") {
      errors.push(invalidValue(`${key}.capacityKey`, "", "capacityKey must not be an empty string"));
    } else if (capacityKey !== undefined && !Object.hasOwn(capacity ?? {}, capacityKey)) {
      errors.push(notFound(`${key}.capacityKey`, capacityKey));
    }
    return errors;
  });
}
