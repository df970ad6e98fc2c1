// The class that says who loses memory first when a host runs short; upstream's definition.

import type { Container, Pod, Quantity } from "../../generated/types.ts";
import { parseQuantity } from "../../meta/quantity.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COUNTED = ["cpu", "memory"] as const;

export function qosClassOf(pod: Pod): QosClass {
  const containers = pod.spec.resources
    ? [{ resources: pod.spec.resources }]
    : [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  const isAskingNothing = containers.every((container) =>
    COUNTED.every(
      (name) =>
        amount(container.resources?.requests?.[name]) === 0n && amount(container.resources?.limits?.[name]) === 0n,
    ),
  );
  if (isAskingNothing) return "BestEffort";
  return containers.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

/** Limits for both, and requests equal to them where they are set. */
function isGuaranteed({ resources }: Pick<Container, "resources">): boolean {
  return COUNTED.every((name) => {
    const limit = amount(resources?.limits?.[name]);
    const request = resources?.requests?.[name];
    return limit > 0n && (request === undefined || amount(request) === limit);
  });
}

function amount(quantity: Quantity | undefined): bigint {
  return quantity === undefined ? 0n : (parseQuantity(quantity)?.nanos ?? 0n);
}
