import assert from "node:assert/strict";
import { test } from "node:test";
import type { LimitRangeItem } from "../../generated/types.ts";
import { limitRangeKind } from "./kind.ts";

function defaulted(item: LimitRangeItem): LimitRangeItem | undefined {
  const range = { metadata: { name: "r", namespace: "n" }, spec: { limits: [item] } };
  limitRangeKind.applyDefaults?.(range);
  return range.spec.limits[0];
}

test("what a container gets follows from its greatest and least", () => {
  assert.deepEqual(defaulted({ type: "Container", max: { cpu: "2" }, min: { cpu: "1", memory: "1Gi" } }), {
    ...{ type: "Container", max: { cpu: "2" }, min: { cpu: "1", memory: "1Gi" } },
    ...{ default: { cpu: "2" }, defaultRequest: { cpu: "2", memory: "1Gi" } },
  });
});

test("a container that is told nothing gets no empty lists", () => {
  assert.deepEqual(defaulted({ type: "Container" }), { type: "Container" });
});

test("a ratio is compared with whatever the greatest and the least give, even below nothing", () => {
  const faultsOf = (max: string, min: string) => {
    const item = { type: "Pod", max: { memory: max }, min: { memory: min }, maxLimitRequestRatio: { memory: "2" } };
    const faults = limitRangeKind.validateCreate?.({ metadata: { name: "r" }, spec: { limits: [item] } }) ?? [];
    return faults.filter(({ field }) => field.includes("Ratio")).map(({ message }) => message);
  };
  assert.deepEqual(faultsOf("4", "2"), []);
  assert.deepEqual(faultsOf("4", "0"), []);
  assert.deepEqual(faultsOf("500m", "-1"), ['Invalid value: "2": ratio 2 is greater than max/min = -0.500000']);
  assert.deepEqual(faultsOf("-1", "0"), ['Invalid value: "2": ratio 2 is greater than max/min = -Inf']);
});
