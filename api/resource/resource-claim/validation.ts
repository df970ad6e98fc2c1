// The status of a claim: written by the scheduler (what is allocated and for whom) and by drivers (how their devices are).

import type {
  AllocatedDeviceStatus,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceV1ResourceClaim as ResourceClaim,
  ResourceClaimConsumerReference,
} from "../../generated/types.ts";
import { validateNodeSelector } from "../../core/pod/node-selector-validation.ts";
import type { FieldError } from "../../kind.ts";
import { checkBlock } from "../../meta/addresses.ts";
import {
  duplicate,
  forbidden,
  invalidValue,
  isEqualJson,
  required,
  tooLong,
  tooMany,
  unchanged,
} from "../../meta/field-error.ts";
import { utf8Length } from "../../meta/object-meta.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";
import {
  validateDriverName,
  validateItems,
  validateLabel,
  validateLabelKey,
  validatePoolName,
  validateUniqueItems,
} from "../device-names.ts";
import {
  CONFIGURATIONS_MAX,
  type RequestNames,
  requestNames,
  REQUESTS_MAX,
  validateConfiguration,
  validateFreeObject,
  validateRequestReference,
  validateRequestReferences,
} from "../device-requests.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

const CONSUMERS_MAX = 256;
const CONDITIONS_MAX = 8;
const BINDING_CONDITIONS_MAX = 4;
const ADDRESSES_MAX = 16;
const INTERFACE_NAME_MAX = 256;
const HARDWARE_ADDRESS_MAX = 128;
const CONFIGURATION_SOURCES = ["FromClaim", "FromClass"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function validateClaimStatus(claim: ResourceClaim, old: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [], devices } = claim.status ?? {};
  const results = allocation?.devices?.results ?? [];
  const allocated = new Set(results.map(deviceKey));
  const errors = [
    ...validateUniqueItems(reservedFor, "status.reservedFor", {
      max: CONSUMERS_MAX,
      check: validateConsumer,
      keyOf: ({ uid }) => uid,
    }),
    ...validateUniqueItems(devices, "status.devices", {
      check: (device, path) => validateDeviceStatus(device, path, allocated),
      keyOf: deviceKey,
    }),
  ];
  if (reservedFor.length > 0 && !allocation) {
    errors.push(forbidden("status.reservedFor", "may not be specified when `allocated` is not set"));
  } else if (claim.metadata.deletionTimestamp) {
    const before = old.status?.reservedFor ?? [];
    if (reservedFor.some((consumer) => !before.some((known) => isEqualJson(known, consumer)))) {
      const text = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
      errors.push(forbidden("status.reservedFor", text));
    }
  }
  if (!allocation) return errors;
  if (old.status?.allocation) {
    return [...errors, ...unchanged("status.allocation", allocation, old.status.allocation)];
  }
  return [...errors, ...validateAllocation(claim)];
}

export function deviceKey(device: { driver: string; pool: string; device: string; shareID?: string }): string {
  const share = device.shareID === undefined ? "" : `/${device.shareID}`;
  return `${device.driver}/${device.pool}/${device.device}${share}`;
}

function validateConsumer({ resource, name, uid }: ResourceClaimConsumerReference, path: string): FieldError[] {
  return Object.entries({ resource, name, uid }).flatMap(([field, value]) =>
    value ? [] : [required(`${path}.${field}`)],
  );
}

function validateAllocation({ spec, status }: ResourceClaim): FieldError[] {
  const names = requestNames(spec?.devices);
  const { devices, nodeSelector } = status?.allocation ?? {};
  const path = "status.allocation";
  return [
    ...validateItems(devices?.results, `${path}.devices.results`, {
      max: REQUESTS_MAX,
      check: (result, field) => validateResult(result, field, names),
    }),
    ...validateItems(devices?.config, `${path}.devices.config`, {
      // Of the class and of the claim.
      max: 2 * CONFIGURATIONS_MAX,
      check: (entry, field) => validateAllocatedConfiguration(entry, field, names),
    }),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${path}.nodeSelector`) : []),
  ];
}

function validateResult(result: DeviceRequestAllocationResult, path: string, names: RequestNames): FieldError[] {
  const { shareID } = result;
  const errors = [
    ...validateRequestReference(result.request, `${path}.request`, names),
    ...validateDriverName(result.driver, `${path}.driver`),
    ...validatePoolName(result.pool, `${path}.pool`),
    ...validateLabel(result.device, `${path}.device`),
    ...validateBindingConditions(result, path),
  ];
  return shareID === undefined ? errors : [...errors, ...validateShare(shareID, `${path}.shareID`)];
}

function validateShare(share: string, field: string): FieldError[] {
  if (UUID.test(share)) return [];
  const text =
    "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters";
  return [invalidValue(field, share, text)];
}

function validateAllocatedConfiguration(
  { source, requests, opaque }: DeviceAllocationConfiguration,
  path: string,
  names: RequestNames,
): FieldError[] {
  return [
    ...validateChoice(source, CONFIGURATION_SOURCES, `${path}.source`),
    ...validateRequestReferences(requests, `${path}.requests`, names),
    ...validateConfiguration(opaque, path),
  ];
}

/** Conditions that must be true, or that say that it failed, before a pod is bound. */
export function validateBindingConditions(
  {
    bindingConditions = [],
    bindingFailureConditions = [],
  }: Pick<DeviceRequestAllocationResult, "bindingConditions" | "bindingFailureConditions">,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, list] of Object.entries({ bindingConditions, bindingFailureConditions })) {
    const repeated = repeatedPlaces(list);
    errors.push(
      ...validateItems(list, `${path}.${name}`, { max: BINDING_CONDITIONS_MAX, check: validateLabelKey }),
      ...list.flatMap((word, index) => (repeated.has(index) ? [duplicate(`${path}.${name}[${index}]`, word)] : [])),
    );
  }
  for (const [index, word] of bindingFailureConditions.entries()) {
    if (!bindingConditions.includes(word)) continue;
    const text = "bindingFailureConditions must not overlap with bindingConditions";
    errors.push(invalidValue(`${path}.bindingFailureConditions[${index}]`, word, text));
  }
  if (bindingConditions.length === 0 && bindingFailureConditions.length > 0) {
    const text = "bindingConditions are required to use bindingFailureConditions";
    errors.push(invalidValue(`${path}.bindingConditions`, bindingConditions, text));
  }
  if (bindingFailureConditions.length === 0 && bindingConditions.length > 0) {
    const text = "bindingFailureConditions are required to use bindingConditions";
    errors.push(invalidValue(`${path}.bindingFailureConditions`, bindingFailureConditions, text));
  }
  return errors;
}

function validateDeviceStatus(
  device: AllocatedDeviceStatus,
  path: string,
  allocated: ReadonlySet<string>,
): FieldError[] {
  const errors = [
    ...validateDriverName(device.driver, `${path}.driver`),
    ...validatePoolName(device.pool, `${path}.pool`),
    ...validateLabel(device.device, `${path}.device`),
    ...(device.shareID === undefined ? [] : validateShare(device.shareID, `${path}.shareID`)),
  ];
  if (!allocated.has(deviceKey(device))) {
    errors.push(invalidValue(path, deviceKey(device), "must be an allocated device in the claim"));
  }
  const conditions = device.conditions ?? [];
  if (conditions.length > CONDITIONS_MAX) {
    errors.push(tooMany(`${path}.conditions`, conditions.length, CONDITIONS_MAX));
  }
  if (device.data !== undefined) errors.push(...validateFreeObject(device.data, `${path}.data`));
  return [...errors, ...validateNetworkData(device.networkData, `${path}.networkData`)];
}

function validateNetworkData(data: AllocatedDeviceStatus["networkData"], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (utf8Length(data?.interfaceName ?? "") > INTERFACE_NAME_MAX) {
    errors.push(tooLong(`${path}.interfaceName`, INTERFACE_NAME_MAX));
  }
  if (utf8Length(data?.hardwareAddress ?? "") > HARDWARE_ADDRESS_MAX) {
    errors.push(tooLong(`${path}.hardwareAddress`, HARDWARE_ADDRESS_MAX));
  }
  return [
    ...errors,
    ...validateUniqueItems(data?.ips, `${path}.ips`, {
      max: ADDRESSES_MAX,
      check: (address, field) => invalidTexts(field, address, checkBlock(address)),
      keyOf: (address) => address,
    }),
  ];
}
