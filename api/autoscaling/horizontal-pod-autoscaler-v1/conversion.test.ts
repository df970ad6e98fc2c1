import assert from "node:assert/strict";
import { test } from "node:test";
import { type HorizontalPodAutoscaler, horizontalPodAutoscalerKind } from "../horizontal-pod-autoscaler/kind.ts";
import { fromStoredAutoscaler, toStoredAutoscaler } from "./conversion.ts";

test("what v1 of an autoscaler cannot say comes back unharmed", () => {
  const stored: HorizontalPodAutoscaler = {
    metadata: { name: "a", uid: "u" },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" },
      metrics: [
        { type: "Pods", pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } } },
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      ],
      behavior: { scaleUp: {} },
    },
    status: { desiredReplicas: 1, conditions: [{ type: "ScalingActive", status: "True" }] },
  };
  horizontalPodAutoscalerKind.applyDefaults?.(stored);
  const shown = fromStoredAutoscaler(stored);
  assert.equal(shown.spec.targetCPUUtilizationPercentage, 50);
  assert.deepEqual(toStoredAutoscaler(shown), stored);
});

test("what v1 says of the processor now is what v2 measures", () => {
  const shown = fromStoredAutoscaler({
    metadata: {},
    ...{ spec: { maxReplicas: 1 }, status: { desiredReplicas: 1 } },
  });
  const percent = { currentCPUUtilizationPercentage: 7, currentReplicas: 1, desiredReplicas: 1 };
  const { status } = toStoredAutoscaler({ ...shown, status: percent });
  assert.deepEqual(status?.currentMetrics, [
    { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 7 } } },
  ]);
});
