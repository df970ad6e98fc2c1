import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricSpec, MetricStatus } from "../../generated/types.ts";
import { type HorizontalPodAutoscaler, horizontalPodAutoscalerKind } from "../horizontal-pod-autoscaler/kind.ts";
import { carriedSpec, carriedStatus, readCarriedSpec, readCarriedStatus } from "./carried-metrics.ts";
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

test("metrics are carried as v1 has them, and come back as v2 has them", () => {
  const describedObject = { kind: "Service", name: "s" };
  const metric = { name: "m", selector: { matchLabels: { a: "b" } } };
  const specs: MetricSpec[] = [
    { type: "Object", object: { describedObject, metric, target: { type: "AverageValue", averageValue: "1" } } },
    { type: "Pods", pods: { metric, target: { type: "AverageValue", averageValue: "2" } } },
    { type: "External", external: { metric, target: { type: "Value", value: "3" } } },
    { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 4 } } },
    {
      type: "ContainerResource",
      containerResource: { name: "cpu", container: "c", target: { type: "AverageValue", averageValue: "5" } },
    },
  ];
  for (const spec of specs) assert.deepEqual(readCarriedSpec(JSON.parse(JSON.stringify(carriedSpec(spec)))), spec);
  assert.deepEqual(carriedSpec(specs[3] as MetricSpec), {
    type: "Resource",
    resource: { name: "memory", targetAverageUtilization: 4 },
  });
  const statuses: MetricStatus[] = [
    { type: "Object", object: { describedObject, metric, current: { value: "1", averageValue: "2" } } },
    { type: "Pods", pods: { metric, current: { averageValue: "3" } } },
    { type: "External", external: { metric, current: { value: "4" } } },
    { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 5, averageValue: "0" } } },
  ];
  for (const status of statuses) {
    assert.deepEqual(readCarriedStatus(JSON.parse(JSON.stringify(carriedStatus(status)))), status);
  }
});
