// What a pod's runtime class adds to it: what the runtime itself needs, and where the class can run.

import { Pod } from "@atoll/api/core/pod/kind";
import type { Toleration } from "@atoll/api/generated/types";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { compareQuantities, parseQuantity } from "@atoll/api/meta/quantity";
import { RuntimeClass } from "@atoll/api/node/runtime-class/kind";
import { ownValue } from "@atoll/base/own-value";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

type PodSpec = Pod["spec"];
type Amounts = Readonly<Record<string, string | number>>;

const MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

export function runtimeClass(resources: ResourceTable): AdmissionStep {
  const pods = resources.of(Pod);
  const classes = resources.of(RuntimeClass);
  const specOf = ({ operation, kind, subresource, object }: AdmissionRequest): PodSpec | undefined =>
    operation === "CREATE" && kind === pods.kind && subresource === "" ? (object as Pod).spec : undefined; // the kind is Pod
  return {
    name: "RuntimeClass",
    async mutate(request) {
      const spec = specOf(request);
      const found = spec && (await findClass(request, spec, classes));
      if (!found) return;
      const fixed = found.overhead?.podFixed;
      if (found.overhead) {
        const isForeign = Object.keys(spec.overhead ?? {}).length > 0 && !areEqual(fixed, spec.overhead);
        if (isForeign) throw forbid(request, MISMATCH);
        if (fixed) spec.overhead = structuredClone(fixed);
      }
      if (found.scheduling) addScheduling(request, spec, found.scheduling);
    },
    async validate(request) {
      const spec = specOf(request);
      if (!spec) return;
      const found = await findClass(request, spec, classes);
      if (found?.overhead) {
        if (!areEqual(found.overhead.podFixed, spec.overhead)) throw forbid(request, MISMATCH);
      } else if (spec.overhead) {
        throw forbid(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
      }
    },
  };
}

async function findClass(
  request: AdmissionRequest,
  { runtimeClassName }: PodSpec,
  classes: ResourceStore,
): Promise<RuntimeClass | undefined> {
  if (runtimeClassName === undefined) return undefined;
  const key = classes.keyOf("", runtimeClassName);
  // A class made a moment ago may not have reached the cache yet.
  const found = classes.peek(key) ?? (await classes.get(key));
  if (!found) throw forbid(request, `pod rejected: RuntimeClass ${JSON.stringify(runtimeClassName)} not found`);
  return found.object as RuntimeClass; // the store holds RuntimeClasses only
}

/** By what they amount to, not by how they are written. */
function areEqual(a: Amounts = {}, b: Amounts = {}): boolean {
  const isSame = (one: string | number | undefined, other: string | number) => {
    const [left, right] = [one === undefined ? undefined : parseQuantity(one), parseQuantity(other)];
    return left !== undefined && right !== undefined && compareQuantities(left, right) === 0;
  };
  return (
    Object.keys(a).length === Object.keys(b).length &&
    Object.entries(b).every(([name, value]) => isSame(ownValue(a, name), value))
  );
}

function addScheduling(
  request: AdmissionRequest,
  spec: PodSpec,
  { nodeSelector, tolerations = [] }: NonNullable<RuntimeClass["scheduling"]>,
): void {
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = ownValue(spec.nodeSelector, key);
    if (own !== undefined && own !== value) {
      throw forbid(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    }
  }
  if (nodeSelector) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const merged = mergeTolerations([...(spec.tolerations ?? []), ...structuredClone(tolerations)]);
  if (merged.length > 0) spec.tolerations = merged;
}

/** Without those that another one says already; of equal ones the first stays. */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const kept: Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    const isCovered =
      kept.some((other) => covers(other, toleration)) ||
      all.slice(index + 1).some((other) => !isEqualJson(other, toleration) && covers(other, toleration));
    if (!isCovered) kept.push(toleration);
  }
  return kept;
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (isEqualJson(wide, narrow)) return true;
  const isForAllKeys = !wide.key && wide.operator === "Exists";
  if ((narrow.key ?? "") !== (wide.key ?? "") && !isForAllKeys) return false;
  if (wide.effect && narrow.effect !== wide.effect) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === "Exists") return true;
  const isEqual = !wide.operator || wide.operator === "Equal";
  return isEqual && narrow.operator === "Equal" && (narrow.value ?? "") === (wide.value ?? "");
}
