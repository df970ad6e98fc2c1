import assert from "node:assert/strict";
import { test } from "node:test";
import type { AutoscalingV2HorizontalPodAutoscaler as Autoscaler, HPAScalingRules } from "../../generated/types.ts";
import { noteEmpty } from "../../meta/said-empty.ts";
import { applyAutoscalerDefaults } from "./defaults.ts";

test("gives policies to who says nothing of them, and none to who wants none", () => {
  const filled = (scaleDown: HPAScalingRules) => {
    const scaleTargetRef = { kind: "Deployment", name: "d" };
    const autoscaler: Autoscaler = { metadata: {}, spec: { maxReplicas: 1, scaleTargetRef, behavior: { scaleDown } } };
    applyAutoscalerDefaults(autoscaler);
    return autoscaler.spec.behavior?.scaleDown;
  };
  const policies = [{ type: "Percent", value: 100, periodSeconds: 15 }];
  assert.deepEqual(filled({ tolerance: "1" }), { selectPolicy: "Max", policies, tolerance: "1" });
  const without: HPAScalingRules = { tolerance: "1" };
  noteEmpty(without, "policies", []);
  assert.deepEqual(filled(without), { selectPolicy: "Max", tolerance: "1" });
});
