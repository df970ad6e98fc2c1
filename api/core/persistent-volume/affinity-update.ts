// From where a volume can be reached does not change, but for the names of labels that have new ones.

import { tableOf } from "@atoll/base/table-of";
import type { VolumeNodeAffinity } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, isEqualJson } from "../../meta/field-error.ts";

const NEW_NAMES: Readonly<Record<string, string>> = tableOf({
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
});

export function validateAffinityUpdate(
  affinity: VolumeNodeAffinity | undefined,
  old: VolumeNodeAffinity | undefined,
): FieldError[] {
  if (!old || isEqualJson(affinity, renamed(old, affinity))) return [];
  const text = "field is immutable, except for updating from beta label to GA";
  const fault = invalidValue("nodeAffinity", affinity ?? null, text);
  // The path is upstream's, which is not the field's.
  return [{ ...fault, valueType: "io.k8s.api.core.v1.VolumeNodeAffinity" }];
}

/** A copy with the new name of a label wherever the other has it. */
function renamed(old: unknown, other: unknown): unknown {
  if (typeof old !== "object" || typeof other !== "object" || old === null || other === null) return old;
  if (Array.isArray(old))
    return old.map((item, index) => renamed(item, Array.isArray(other) ? other[index] : undefined));
  const others = other as Readonly<Record<string, unknown>>; // any object can be read by its field names
  return Object.fromEntries(
    Object.entries(old).map(([name, value]) => {
      const isRenamed = name === "key" && typeof value === "string" && NEW_NAMES[value] === others.key;
      return [name, isRenamed ? others.key : renamed(value, others[name])];
    }),
  );
}
