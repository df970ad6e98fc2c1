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
