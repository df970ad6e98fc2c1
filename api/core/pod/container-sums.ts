// What all containers of a pod ask for together, or may use together.

import { ownValue } from "@atoll/base/own-value";
import type { PodSpec, Quantity, ResourceRequirements } from "../../generated/types.ts";
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity as Amount,
  ZERO_QUANTITY,
} from "../../meta/quantity.ts";

export type ResourceList = "requests" | "limits";

/** Init containers run one after the other, beside those of them that keep running. */
export function sumOfContainers(spec: PodSpec, list: ResourceList, name: string): Amount {
  const of = (resources: ResourceRequirements | undefined) => amountOf(ownValue(resources?.[list], name));
  let running = ZERO_QUANTITY;
  let highest = ZERO_QUANTITY;
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const together = addQuantities(running, of(resources));
    if (restartPolicy === "Always") running = together;
    highest = larger(highest, together);
  }
  const regular = (spec.containers ?? []).reduce((sum, { resources }) => addQuantities(sum, of(resources)), running);
  return larger(highest, regular);
}

/** Of what any container names. */
export function namesInContainers(spec: PodSpec, list: ResourceList): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  return [...new Set(containers.flatMap(({ resources }) => Object.keys(resources?.[list] ?? {})))];
}

export function amountOf(value: Quantity | undefined): Amount {
  return (value === undefined ? undefined : parseQuantity(value)) ?? ZERO_QUANTITY;
}

function larger(a: Amount, b: Amount): Amount {
  return compareQuantities(a, b) < 0 ? b : a;
}
