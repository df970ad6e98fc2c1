import type { Service } from "@atoll/api/generated/types";
import { fromUnits } from "@atoll/api/meta/quantity";
import { countOf, type QuotaEvaluator } from "./evaluator.ts";

const COUNT = countOf({ group: "", plural: "services" });
const LIMITS = [COUNT, "services", "services.nodeports", "services.loadbalancers"];

export const serviceEvaluator: QuotaEvaluator<Service> = {
  // A service may become one of another type.
  concerns: ({ subresource }) => subresource === "",
  counts: (limit) => LIMITS.includes(limit),
  usageOf(service) {
    const isBalanced = service.spec?.type === "LoadBalancer";
    return new Map([
      [COUNT, fromUnits(1n)],
      ["services", fromUnits(1n)],
      ["services.nodeports", fromUnits(BigInt(nodePortsOf(service)))],
      ["services.loadbalancers", fromUnits(isBalanced ? 1n : 0n)],
    ]);
  },
  isInScope: () => false,
  faultOf: () => undefined,
};

/** By what the service wants: its ports have not got their numbers yet. */
function nodePortsOf({ spec }: Service): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === "NodePort") return ports.length;
  if (spec?.type !== "LoadBalancer") return 0;
  if (spec.allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort }) => Boolean(nodePort)).length;
}
