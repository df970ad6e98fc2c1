import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "@atoll/api/generated/types";
import { inDeletionOrder } from "./pod-deletion-order.ts";

function pod(
  name: string,
  changes: { host?: string; phase?: string; readySince?: string; cost?: string; restarts?: number } = {},
): Pod {
  const { host, phase = "Running", readySince, cost, restarts = 0 } = changes;
  return {
    metadata: {
      name,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...(cost === undefined ? {} : { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }),
    },
    spec: { containers: [], ...(host === undefined ? {} : { nodeName: host }) },
    status: {
      phase,
      conditions: readySince === undefined ? [] : [{ type: "Ready", status: "True", lastTransitionTime: readySince }],
      containerStatuses: [{ name: "c", image: "i", imageID: "", ready: true, restartCount: restarts }],
    },
  };
}

test("gives up the pod whose loss costs least, in upstream's order of reasons", () => {
  const early = "2026-01-01T00:00:00Z";
  const late = "2026-01-02T00:00:00Z";
  const expected = [
    pod("unbound", { phase: "Pending" }),
    pod("pending", { host: "b", phase: "Pending" }),
    pod("odd", { host: "b", phase: "constructor" }),
    pod("not-ready", { host: "b" }),
    pod("cheap", { host: "b", readySince: early, cost: "-5" }),
    pod("crowded", { host: "a", readySince: early }),
    pod("young", { host: "b", readySince: late }),
    pod("restarted", { host: "b", readySince: early, restarts: 3 }),
    pod("plain", { host: "b", readySince: early }),
    pod("dear", { host: "b", readySince: late, cost: "10" }),
  ];
  const siblings = (hostName: string) => (hostName === "a" ? 5 : 1);
  const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);
  assert.deepEqual(names(inDeletionOrder(expected.toReversed(), siblings)), names(expected));
});
