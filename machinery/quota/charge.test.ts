// Upstream's arithmetic of quotas, as tables.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Pod, ResourceQuota } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import { readAmounts, writeAmounts } from "./amounts.ts";
import { ChargedWrite, chargeOf } from "./charge.ts";
import { evaluatorOf } from "./evaluators.ts";

const NOW_MS = Date.parse("2026-01-01T00:00:00Z");

function usage(group: string, plural: string, object: object): Record<string, string> {
  const evaluator = evaluatorOf({ group, plural });
  assert.ok(evaluator, plural);
  return writeAmounts(evaluator.usageOf({ metadata: {}, ...object } as KubeObject, NOW_MS)); // tests give each kind its own objects
}

type Texts = Record<string, string>;

const container = (requests: Texts, limits: Texts = {}, more: object = {}) => ({
  name: "c",
  image: "x",
  resources: { requests, limits },
  ...more,
});

describe("what is used", () => {
  test("by a pod: its containers, the largest init container beside the sidecars before it, and its overhead", () => {
    const pod = {
      spec: {
        initContainers: [
          container({ cpu: "100m" }, { cpu: "200m" }, { restartPolicy: "Always" }),
          container({ cpu: "2", "example.com/gpu": "1" }),
        ],
        containers: [container({ cpu: "500m", memory: "64Mi" }, { cpu: "1" }), container({ cpu: "250m" })],
        overhead: { cpu: "50m", memory: "16Mi" },
      },
    };
    assert.deepEqual(usage("", "pods", pod), {
      "count/pods": "1",
      cpu: "2150m",
      "limits.cpu": "1250m",
      memory: "80Mi",
      pods: "1",
      "requests.cpu": "2150m",
      "requests.example.com/gpu": "1",
      "requests.memory": "80Mi",
    });
  });

  test("by a pod that says what it needs as a whole, and by one whose host has given it more than it asks for now", () => {
    const whole = {
      resources: { requests: { cpu: "3" }, limits: { cpu: "4" } },
      containers: [container({ cpu: "1" })],
    };
    const used = usage("", "pods", { spec: whole });
    assert.deepEqual([used["requests.cpu"], used["limits.cpu"]], ["3", "4"]);
    const spec = { containers: [container({ cpu: "1" }, { cpu: "2" })] };
    const containerStatuses = [
      {
        name: "c",
        resources: { requests: { cpu: "1500m" }, limits: { cpu: "3" } },
        allocatedResources: { cpu: "1200m" },
      },
    ];
    const shrinking = usage("", "pods", { spec, status: { containerStatuses } });
    assert.deepEqual([shrinking["requests.cpu"], shrinking["limits.cpu"]], ["1500m", "3"]);
    const conditions = [{ type: "PodResizePending", reason: "Infeasible" }];
    const grown = { containers: [container({ cpu: "9" }, { cpu: "9" })] };
    const refused = usage("", "pods", { spec: grown, status: { containerStatuses, conditions } });
    assert.deepEqual([refused["requests.cpu"], refused["limits.cpu"]], ["1500m", "3"]);
  });

  test("by a pod that has ended or should be gone: only its place in the store", () => {
    const spec = { containers: [container({ cpu: "1" })] };
    const gone = { deletionTimestamp: "2025-12-31T23:59:00Z", deletionGracePeriodSeconds: 30 };
    assert.deepEqual(usage("", "pods", { spec, status: { phase: "Succeeded" } }), { "count/pods": "1" });
    assert.deepEqual(usage("", "pods", { spec, metadata: gone }), { "count/pods": "1" });
    const going = { ...gone, deletionGracePeriodSeconds: 120 };
    assert.equal(usage("", "pods", { spec, metadata: going }).pods, "1");
  });

  test("by services of each type, by what they want", () => {
    const ports = [{ port: 1, nodePort: 30001 }, { port: 2 }];
    const used = (spec: object) => {
      const amounts = usage("", "services", { spec: { ports, ...spec } });
      return [amounts["services.nodeports"], amounts["services.loadbalancers"], amounts.services];
    };
    assert.deepEqual(used({ type: "ClusterIP" }), ["0", "0", "1"]);
    assert.deepEqual(used({ type: "NodePort" }), ["2", "0", "1"]);
    assert.deepEqual(used({ type: "LoadBalancer" }), ["2", "1", "1"]);
    assert.deepEqual(used({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false }), ["1", "1", "1"]);
  });

  test("by claims: their size in whole bytes, once more for their class, and more while a growth is under way", () => {
    const spec = { storageClassName: "gold", resources: { requests: { storage: "1500m" } } };
    assert.deepEqual(usage("", "persistentvolumeclaims", { spec }), {
      "count/persistentvolumeclaims": "1",
      "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
      "gold.storageclass.storage.k8s.io/requests.storage": "2",
      persistentvolumeclaims: "1",
      "requests.storage": "2",
    });
    const status = { allocatedResources: { storage: "1Gi" } };
    assert.equal(usage("", "persistentvolumeclaims", { spec, status })["requests.storage"], "1Gi");
  });

  test("by claims of devices: of alternatives the worst of each class", () => {
    const of = (deviceClassName: string, more: object) => ({ deviceClassName, ...more });
    const requests = [
      { exactly: of("gpu", { allocationMode: "ExactCount", count: 2 }) },
      {
        firstAvailable: [
          of("gpu", { allocationMode: "ExactCount", count: 3 }),
          of("gpu", { allocationMode: "ExactCount", count: 1 }),
          of("nic", { allocationMode: "All" }),
        ],
      },
    ];
    const used = usage("resource.k8s.io", "resourceclaims", { spec: { devices: { requests } } });
    assert.equal(used["gpu.deviceclass.resource.k8s.io/devices"], "5");
    assert.equal(used["nic.deviceclass.resource.k8s.io/devices"], "32");
  });

  test("by everything else: one; by events nothing", () => {
    assert.deepEqual(usage("", "secrets", {}), { "count/secrets": "1", secrets: "1" });
    assert.deepEqual(usage("batch", "jobs", {}), { "count/jobs.batch": "1" });
    assert.equal(evaluatorOf({ group: "", plural: "events" }), undefined);
  });
});

describe("scopes of pods", () => {
  const pod = (spec: object = {}): Pod => ({ metadata: {}, spec: { containers: [{ name: "c" }], ...spec } });
  const cases: readonly (readonly [string, string, readonly string[], Pod, boolean])[] = [
    ["Terminating", "Exists", [], pod({ activeDeadlineSeconds: 5 }), true],
    ["Terminating", "Exists", [], pod(), false],
    ["NotTerminating", "Exists", [], pod(), true],
    ["BestEffort", "Exists", [], pod(), true],
    ["NotBestEffort", "Exists", [], pod({ containers: [container({ cpu: "1" })] }), true],
    ["PriorityClass", "Exists", [], pod({ priorityClassName: "a" }), true],
    ["PriorityClass", "Exists", [], pod(), false],
    ["PriorityClass", "In", ["a", "b"], pod({ priorityClassName: "a" }), true],
    ["PriorityClass", "In", ["b"], pod({ priorityClassName: "a" }), false],
    ["PriorityClass", "NotIn", ["b"], pod({ priorityClassName: "a" }), true],
    ["PriorityClass", "NotIn", ["b"], pod(), true],
    ["PriorityClass", "DoesNotExist", [], pod(), true],
    ["VolumeAttributesClass", "Exists", [], pod(), false],
    [
      "CrossNamespacePodAffinity",
      "Exists",
      [],
      pod({
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { topologyKey: "a", namespaceSelector: {} } },
            ],
          },
        },
      }),
      true,
    ],
    ["CrossNamespacePodAffinity", "Exists", [], pod({ affinity: { podAffinity: {} } }), false],
  ];
  for (const [scopeName, operator, values, object, expected] of cases) {
    test(`${scopeName} ${operator} ${values}: ${expected}`, () => {
      const evaluator = evaluatorOf({ group: "", plural: "pods" });
      assert.equal(evaluator?.isInScope(object, { scopeName, operator, values: [...values] }), expected);
    });
  }
});

describe("a charge", () => {
  const evaluator = evaluatorOf({ group: "", plural: "pods" });
  assert.ok(evaluator);
  const quotaOf = (hard: Record<string, string>, used: Record<string, string>, spec: object = {}): ResourceQuota => ({
    metadata: { name: "q" },
    spec: { hard, ...spec },
    status: { hard, used },
  });
  const podOf = (requests: Texts, more: object = {}): Pod => ({
    metadata: {},
    spec: { containers: [container(requests)], ...more },
  });
  const charge = (quota: ResourceQuota, object: Pod, oldObject?: Pod, subresource = "") => {
    const operation = oldObject ? "UPDATE" : "CREATE";
    const write = new ChargedWrite(evaluator, { operation, subresource, object, oldObject }, NOW_MS);
    const result = chargeOf(quota, readAmounts(quota.status?.used), write);
    return result.type === "charged" ? writeAmounts(result.used) : result.type === "refused" ? result.why : result.type;
  };

  test("adds up to the limit and is refused above it, with all that is exceeded", () => {
    const quota = quotaOf({ pods: "2", cpu: "1" }, { pods: "1", cpu: "500m" });
    assert.deepEqual(charge(quota, podOf({ cpu: "500m" })), { cpu: "1", pods: "2" });
    assert.equal(
      charge(quota, podOf({ cpu: "600m" })),
      "exceeded quota: q, requested: cpu=600m, used: cpu=500m, limited: cpu=1",
    );
    const full = quotaOf({ pods: "1", cpu: "1" }, { pods: "1", cpu: "1" });
    assert.equal(
      charge(full, podOf({ cpu: "1" })),
      "exceeded quota: q, requested: cpu=1,pods=1, used: cpu=1,pods=1, limited: cpu=1,pods=1",
    );
  });

  test("is refused while the quota has not been counted, and where a container does not say what it wants", () => {
    assert.equal(
      charge(quotaOf({ pods: "1", cpu: "1" }, { pods: "0" }), podOf({ cpu: "1" })),
      "status unknown for quota: q, resources: cpu,pods",
    );
    assert.equal(
      charge(quotaOf({ cpu: "1", "limits.memory": "1Gi" }, { cpu: "0", "limits.memory": "0" }), podOf({})),
      "failed quota: q: must specify cpu for: c; limits.memory for: c",
    );
  });

  test("is free outside of the quota's scopes, and of what the quota does not limit", () => {
    const scoped = quotaOf({ pods: "0" }, { pods: "0" }, { scopes: ["Terminating"] });
    assert.equal(charge(scoped, podOf({})), "free");
    assert.match(String(charge(scoped, podOf({}, { activeDeadlineSeconds: 1 }))), /^exceeded quota/);
    assert.equal(charge(quotaOf({ secrets: "0" }, { secrets: "0" }), podOf({})), "free");
  });

  test("of a change is what it adds; of one that comes into scope, everything", () => {
    const quota = quotaOf({ cpu: "2" }, { cpu: "1" });
    assert.deepEqual(charge(quota, podOf({ cpu: "1500m" }), podOf({ cpu: "1" }), "resize"), { cpu: "1500m" });
    assert.equal(charge(quota, podOf({ cpu: "500m" }), podOf({ cpu: "1" }), "resize"), "free");
    const scoped = quotaOf({ pods: "1" }, { pods: "0" }, { scopes: ["Terminating"] });
    assert.deepEqual(charge(scoped, podOf({}, { activeDeadlineSeconds: 1 }), podOf({})), { pods: "1" });
  });
});
