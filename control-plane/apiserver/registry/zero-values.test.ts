import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { KubeObject } from "@atoll/api/resource";
import { settleZeros, showStructs, showZeros, withNulls, withoutNulls, zeroPlanOf } from "./zero-values.ts";

const POD = zeroPlanOf("io.k8s.api.core.v1.Pod");

function pod(fields: object): KubeObject {
  return { kind: "Pod", apiVersion: "v1", metadata: { name: "p" }, ...fields } as KubeObject; // as decoded
}

describe("zeros", () => {
  test("are filled in where upstream's types hold a value, in lists and structs of any depth, and nowhere else", () => {
    const object = pod({ spec: { containers: [{ name: "c", image: "i" }], volumes: [{ name: "v" }] } });
    showZeros(POD, object);
    assert.deepEqual(object, {
      ...pod({ spec: { containers: [{ name: "c", image: "i", resources: {} }], volumes: [{ name: "v" }] } }),
      status: {},
    });
  });

  test("are 0 and false where the type of the field says so", () => {
    const budget = pod({});
    showZeros(zeroPlanOf("io.k8s.api.policy.v1.PodDisruptionBudget"), budget);
    assert.deepEqual("status" in budget && budget.status, {
      ...{ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
    });
  });

  test("that are structs are there alone for defaults, which would take a zero for a value", () => {
    const plan = zeroPlanOf("io.k8s.api.apps.v1.Deployment");
    const object = pod({});
    showStructs(plan, object);
    const spec = { strategy: {}, template: { metadata: {}, spec: {} } };
    assert.deepEqual(object, { ...pod({ spec }), status: {} });
  });

  test("that are empty lists are gone from what is stored: until then somebody has said so", () => {
    const plan = zeroPlanOf("io.k8s.api.discovery.v1.EndpointSlice");
    const object = pod({ addressType: "IPv6", endpoints: [], ports: [{ port: 80 }] });
    settleZeros(plan, object);
    assert.deepEqual(object, pod({ addressType: "IPv6", ports: [{ port: 80 }] }));
  });

  test("are null in the JSON alone, on a copy of what holds them", () => {
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    const object = pod({ spec: { containers: [{ name: "c" }] }, status: { conditions } });
    const shown = withNulls(POD, object);
    assert.deepEqual(shown, { ...object, status: { conditions: [{ ...conditions[0], lastProbeTime: null }] } });
    assert.equal("lastProbeTime" in (conditions[0] ?? {}), false);
    assert.equal("spec" in shown && "spec" in object && shown.spec === object.spec, true);
    assert.deepEqual(withoutNulls(POD, JSON.parse(JSON.stringify(shown))), object);
  });

  test("of an object that shows them all cost no copy", () => {
    const object = pod({ spec: { containers: [{ name: "c" }] }, status: { phase: "Pending" } });
    assert.equal(withNulls(POD, object), object);
  });

  test("are unknown of other people's kinds, which stay as they are", () => {
    const plan = zeroPlanOf("com.example.v1.Thing");
    const object = pod({ spec: { a: null } });
    showZeros(plan, object);
    assert.deepEqual(withoutNulls(plan, withNulls(plan, object)), pod({ spec: { a: null } }));
  });
});
