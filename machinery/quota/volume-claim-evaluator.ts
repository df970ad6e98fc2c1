import type { PersistentVolumeClaim } from "@atoll/api/generated/types";
import { compareQuantities, fromUnits, parseQuantity, type Quantity, toUnits } from "@atoll/api/meta/quantity";
import { storageClassOf } from "@atoll/api/meta/volume-claims";
import { countOf, type QuotaEvaluator } from "./evaluator.ts";
import { matchesName } from "./scopes.ts";

const COUNT = countOf({ group: "", plural: "persistentvolumeclaims" });
const CLAIMS = "persistentvolumeclaims";
const STORAGE = "requests.storage";
/** "gold.storageclass.storage.k8s.io/requests.storage" */
const CLASS_SUFFIX = ".storageclass.storage.k8s.io/";

export const volumeClaimEvaluator: QuotaEvaluator<PersistentVolumeClaim> = {
  concerns({ subresource, object, oldObject }) {
    if (subresource === "") return true;
    if (subresource !== "status" || !oldObject) return false;
    const [names, oldNames] = [attributesClassesOf(object), attributesClassesOf(oldObject)];
    const isSameSize = allocatedOf(object)?.nanos === allocatedOf(oldObject)?.nanos;
    return !isSameSize || names.join() !== oldNames.join();
  },
  counts: (limit) =>
    [COUNT, CLAIMS, STORAGE].includes(limit) ||
    limit.endsWith(`${CLASS_SUFFIX}${CLAIMS}`) ||
    limit.endsWith(`${CLASS_SUFFIX}${STORAGE}`),
  usageOf(claim) {
    const one = fromUnits(1n);
    const usage = new Map([
      [COUNT, one],
      [CLAIMS, one],
    ]);
    const size = sizeOf(claim);
    if (size) usage.set(STORAGE, size);
    const className = storageClassOf(claim);
    if (className === "") return usage;
    usage.set(`${className}${CLASS_SUFFIX}${CLAIMS}`, one);
    if (size) usage.set(`${className}${CLASS_SUFFIX}${STORAGE}`, size);
    return usage;
  },
  isInScope(claim, requirement) {
    if (requirement.scopeName !== "VolumeAttributesClass") return false;
    const names = attributesClassesOf(claim);
    if (names.length === 0) return matchesName(requirement, undefined);
    return names.some((name) => matchesName(requirement, name));
  },
  faultOf: () => undefined,
};

/** Whole bytes of what is asked for, or of what a growth that did not succeed has taken already. */
function sizeOf(claim: PersistentVolumeClaim): Quantity | undefined {
  const wanted = parseQuantity(claim.spec.resources?.requests?.storage ?? "");
  if (!wanted) return undefined;
  const allocated = allocatedOf(claim);
  return wholeBytes(allocated && compareQuantities(allocated, wanted) > 0 ? allocated : wanted);
}

function wholeBytes(size: Quantity): Quantity {
  return fromUnits(toUnits(size), size.format);
}

function allocatedOf({ status }: PersistentVolumeClaim): Quantity | undefined {
  const allocated = status?.allocatedResources?.storage;
  return allocated === undefined ? undefined : parseQuantity(allocated);
}

/** The wanted, the present and the coming one. */
function attributesClassesOf({ spec, status }: PersistentVolumeClaim): string[] {
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.flatMap((name) => name || []))].sort();
}
