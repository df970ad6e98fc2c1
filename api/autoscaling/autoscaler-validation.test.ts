import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AutoscalingV2HorizontalPodAutoscaler as Autoscaler, MetricSpec } from "../generated/types.ts";
import { horizontalPodAutoscalerV1Kind } from "./horizontal-pod-autoscaler-v1/kind.ts";
import { horizontalPodAutoscalerKind } from "./horizontal-pod-autoscaler/kind.ts";

const TARGET = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };

function autoscaler(spec: Partial<Autoscaler["spec"]>): Autoscaler {
  return { metadata: { name: "a" }, spec: { maxReplicas: 3, scaleTargetRef: TARGET, ...spec } };
}

function faults(object: Autoscaler): string[] {
  return (horizontalPodAutoscalerKind.validateCreate?.(object) ?? []).map(({ field }) => field);
}

describe("what an autoscaler scales", () => {
  test("is of a group, except for the one kind that has none", () => {
    const of = (apiVersion: string, kind = "Deployment") =>
      autoscaler({ scaleTargetRef: { apiVersion, kind, name: "d" } });
    assert.deepEqual(faults(of("apps/v1")), []);
    assert.deepEqual(faults(of("")), ["spec.scaleTargetRef.apiVersion"]);
    assert.deepEqual(faults(of("v1")), ["spec.scaleTargetRef.apiVersion"]);
    assert.deepEqual(faults(of("v1", "ReplicationController")), []);
    assert.deepEqual(faults(of("a/b/c", "ReplicationController")), ["spec.scaleTargetRef.apiVersion"]);
  });

  test("may stay as it was let in once", () => {
    const old = autoscaler({ scaleTargetRef: { kind: "Deployment", name: "d" } });
    const renamed = autoscaler({ scaleTargetRef: { kind: "Deployment", name: "e" } });
    assert.deepEqual(horizontalPodAutoscalerKind.validateUpdate?.(renamed, old), []);
  });
});

describe("a measure", () => {
  const target = { type: "Utilization", averageUtilization: 80 };
  const table: readonly (readonly [metric: MetricSpec, fields: readonly string[]])[] = [
    [{ type: "Resource", resource: { name: "cpu", target } }, []],
    [
      { type: "Resource", resource: { name: "", target: { type: "Value", value: "1" } } },
      ["resource.name", "resource.target.averageUtilization"],
    ],
    [
      { type: "", pods: { metric: { name: "a/b" }, target: { type: "AverageValue" } } },
      [...["type", "type", "pods.metric.name", "pods.target.averageValue"]],
    ],
    [{ type: "pods", resource: { name: "cpu", target } }, ["type"]],
    [{ type: "External", resource: { name: "cpu", target } }, ["external"]],
    [
      {
        type: "Pods",
        resource: { name: "cpu", target },
        pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } },
      },
      ["resource"],
    ],
    [
      { type: "ContainerResource", containerResource: { name: "cpu", container: "C", target } },
      ["containerResource.container"],
    ],
    [
      {
        type: "Object",
        object: {
          describedObject: { kind: "K", name: "n" },
          metric: { name: "m" },
          target: { type: "Value", value: "0" },
        },
      },
      ["object.target.value"],
    ],
  ];
  for (const [metric, fields] of table) {
    test(`${JSON.stringify(metric)} is refused for ${fields.join(", ") || "nothing"}`, () => {
      assert.deepEqual(
        faults(autoscaler({ metrics: [metric] })),
        fields.map((field) => `spec.metrics[0].${field}`),
      );
    });
  }
});

test("an autoscaler of the first version says at once that it measures processors", () => {
  const { metadata, spec } = autoscaler({});
  const bare = { metadata, spec: { ...spec } };
  horizontalPodAutoscalerV1Kind.applyDefaults?.(bare);
  assert.deepEqual(bare.spec, { ...spec, minReplicas: 1, targetCPUUtilizationPercentage: 80 });
  const carried = [
    { type: "Resource", resource: { name: "memory", target: { type: "Utilization", averageUtilization: 1 } } },
  ];
  const annotations = { "autoscaling.alpha.kubernetes.io/metrics": JSON.stringify(carried) };
  const other = { metadata: { name: "a", annotations }, spec: { ...spec } };
  horizontalPodAutoscalerV1Kind.applyDefaults?.(other);
  assert.deepEqual(other.spec, { ...spec, minReplicas: 1 });
});
