import type { Node, NodeStatus, Quantity, Taint } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { blockFamily, checkBlock } from "../../meta/addresses.ts";
import { duplicate, forbidden, internalError, invalidValue } from "../../meta/field-error.ts";
import { checkLabelValue, checkQualifiedName } from "../../meta/names.ts";
import { validateAmount } from "../../meta/quantity-validation.ts";
import { invalidTexts, validateChoice } from "../../meta/value-validation.ts";

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateNode(node: Node): FieldError[] {
  const { status = {} } = node;
  const swap = status.nodeInfo?.swap?.capacity;
  return [
    ...validateTaints(node.spec.taints ?? []),
    ...validateResources(status),
    // Upstream's own names of places: neither field is there.
    ...(swap !== undefined && swap <= 0
      ? [invalidValue("metadata.nodeSwapStatus.capacity", swap, "must be greater than zero")]
      : []),
    ...validateFeatures(status.declaredFeatures ?? []),
    ...validateBlocks(node.spec.podCIDRs ?? []),
  ];
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  return [...validateNode(node), ...validateChange(node, old)];
}

export function validateNodeStatusUpdate(node: Node, old: Node): FieldError[] {
  return validateChange(node, old);
}

function validateChange({ spec, status = {} }: Node, old: Node): FieldError[] {
  const errors = [
    ...validateResources(status),
    ...validateFeatures(status.declaredFeatures ?? []),
    ...validateAddresses(status),
    ...validateFixedBlocks(spec.podCIDRs ?? [], old.spec.podCIDRs ?? []),
  ];
  if (old.spec.providerID && spec.providerID !== old.spec.providerID) {
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
  }
  errors.push(...validateTaints(spec.taints ?? []));
  if ((spec.externalID ?? "") !== (old.spec.externalID ?? "")) {
    errors.push(forbidden("spec.externalID", "may not be updated"));
  }
  return errors;
}

/** They stand in the spec; upstream says that they stand in the metadata. */
function validateTaints(taints: readonly Taint[]): FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, i) => {
    const path = `metadata.taints[${i}]`;
    const { key, value = "", effect } = taint;
    const errors = invalidTexts(`${path}.key`, key, checkQualifiedName(key));
    const texts = checkLabelValue(value);
    if (texts.length > 0) errors.push(invalidValue(`${path}.value`, value, texts.join(";")));
    errors.push(...validateChoice(effect, TAINT_EFFECTS, `${path}.effect`));
    const identity = `${key}:${effect}`;
    if (seen.has(identity)) {
      const fault = duplicate(path, taint, "taints must be unique by key and effect pair");
      // The path is upstream's, and leads to no field.
      errors.push({ ...fault, valueType: "io.k8s.api.core.v1.Taint" });
    }
    seen.add(identity);
    return errors;
  });
}

function validateResources({ capacity, allocatable }: NodeStatus): FieldError[] {
  const validate = (amounts: Readonly<Record<string, Quantity>> = {}, path: string) =>
    Object.entries(amounts).flatMap(([name, value]) => validateAmount(name, value, `${path}.${name}`));
  return [...validate(capacity, "status.capacity"), ...validate(allocatable, "status.allocatable")];
}

const FEATURE_LENGTH_MAX = 253;
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;

function validateFeatures(features: readonly string[]): FieldError[] {
  const path = "status.declaredFeatures";
  return features.flatMap((feature, i) => {
    const errors: FieldError[] = [];
    const fault = faultOfFeature(feature);
    if (fault) errors.push(invalidValue(`${path}[${i}]`, feature, `invalid feature name "${feature}": ${fault}`));
    const next = features[i + 1];
    if (feature === next) errors.push(duplicate(`${path}[${i + 1}]`, next));
    else if (next !== undefined && feature > next) {
      errors.push(invalidValue(`${path}[${i + 1}]`, next, "list must be sorted alphabetically"));
    }
    return errors;
  });
}

function faultOfFeature(feature: string): string | undefined {
  if (feature.length > FEATURE_LENGTH_MAX) return `must be no more than ${FEATURE_LENGTH_MAX} characters`;
  return FEATURE.test(feature)
    ? undefined
    : "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

function validateBlocks(blocks: readonly string[]): FieldError[] {
  const path = "spec.podCIDRs";
  const errors = blocks.flatMap((block, i) => invalidTexts(`${path}[${i}]`, block, checkBlock(block)));
  const unknown = blocks.findIndex((block) => !blockFamily(block));
  if (blocks.length > 1 && unknown >= 0) {
    const fault = `invalid CIDR[${unknown}]: <nil> (invalid CIDR address: ${blocks[unknown]})`;
    const text = `invalid PodCIDRs. failed to check with dual stack with error:${fault}`;
    errors.push(internalError(path, text));
  }
  if (
    blocks.length > 1 &&
    (unknown >= 0 || blocks.length > 2 || blockFamily(blocks[0] ?? "") === blockFamily(blocks[1] ?? ""))
  ) {
    errors.push(invalidValue(path, blocks, "may specify no more than one CIDR for each IP family"));
  }
  return errors;
}

function validateFixedBlocks(blocks: readonly string[], old: readonly string[]): FieldError[] {
  const isSame = blocks.length === old.length && old.every((block, i) => block === blocks[i]);
  if (old.length === 0 || isSame) return [];
  return [forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')];
}

function validateAddresses({ addresses = [] }: NodeStatus): FieldError[] {
  const seen = new Set<string>();
  return addresses.flatMap((address, i) => {
    const identity = JSON.stringify([address.type, address.address]);
    const isKnown = seen.has(identity);
    seen.add(identity);
    return isKnown ? [duplicate(`status.addresses[${i}]`, address)] : [];
  });
}
