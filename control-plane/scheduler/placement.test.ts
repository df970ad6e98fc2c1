import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod, PodSpec } from "@atoll/api/generated/types";
import { seededRandom } from "@atoll/base/random";
import fc from "fast-check";
import { ClusterState } from "./cluster-state.ts";
import { placePod } from "./placement.ts";
import { podRequests } from "./pod-requests.ts";

let serial = 0;

function node(
  name: string,
  changes: { spec?: Node["spec"]; cpu?: string; pods?: string; labels?: Record<string, string> } = {},
): Node {
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...changes.labels } },
    spec: changes.spec ?? {},
    status: {
      allocatable: { cpu: changes.cpu ?? "2", memory: "4Gi", pods: changes.pods ?? "10" },
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

function pod(spec: Partial<PodSpec> = {}, labels: Record<string, string> = { app: "a" }): Pod {
  const uid = `uid-${serial++}`;
  return { metadata: { name: uid, namespace: "default", uid, labels }, spec: { containers: [container()], ...spec } };
}

function container(cpu?: string, memory?: string) {
  const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
  return { name: "c", image: "i", resources: { requests } };
}

function cluster(...nodes: Node[]): ClusterState {
  const state = new ClusterState();
  for (const each of nodes) state.putNode(each);
  return state;
}

function place(wanted: Pod, state: ClusterState): string {
  const placement = placePod(wanted, state, seededRandom(1));
  return placement.type === "placed" ? placement.hostName : placement.message;
}

test("says in upstream's words why no host suits", () => {
  const tainted = { taints: [{ key: "a", value: "b", effect: "NoSchedule" }] };
  assert.equal(place(pod(), cluster()), "no nodes available to schedule pods");
  assert.equal(
    place(pod({ containers: [container("3")] }), cluster(node("n"))),
    "0/1 nodes are available: 1 Insufficient cpu.",
  );
  assert.equal(
    place(
      pod({ containers: [container("3", "8Gi")] }),
      cluster(
        node("n1"),
        node("n2", { spec: { unschedulable: true } }),
        node("n3", { spec: tainted }),
        node("n4", { pods: "0", cpu: "9" }),
      ),
    ),
    "0/4 nodes are available: 1 Insufficient cpu, 1 Too many pods, 1 node(s) had untolerated taint {a: b}, 1 node(s) were unschedulable, 2 Insufficient memory.",
  );
  assert.equal(
    place(pod({ nodeSelector: { disk: "ssd" } }), cluster(node("n"))),
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
  );
});

test("counts what is bound, and frees it when the pod ends or goes", () => {
  const state = cluster(node("n"));
  const first = pod({ containers: [container("1500m")] });
  state.putPod(first, "n");
  const second = pod({ containers: [container("600m")] });
  assert.match(place(second, state), /Insufficient cpu/);
  state.putPod({ ...first, status: { phase: "Succeeded" } }, "n");
  assert.equal(place(second, state), "n");
  state.putPod(second, "n");
  state.removePod(second.metadata.uid ?? "");
  assert.equal(state.host("n")?.requested.get("cpu"), 0);
});

test("keeps counting pods over the loss and return of their Node", () => {
  const state = cluster(node("n"));
  state.putPod(pod({ containers: [container("2")] }), "n");
  state.removeNode("n");
  state.putNode(node("n"));
  assert.match(place(pod({ containers: [container("1")] }), state), /Insufficient cpu/);
});

test("prefers the emptier host, and spreads equal pods evenly", () => {
  const state = cluster(node("n1"), node("n2"), node("n3"));
  const counts: Record<string, number> = {};
  for (let index = 0; index < 9; index++) {
    const next = pod({ containers: [container("200m", "100Mi")] });
    const hostName = place(next, state);
    state.putPod(next, hostName);
    counts[hostName] = (counts[hostName] ?? 0) + 1;
  }
  assert.deepEqual(counts, { n1: 3, n2: 3, n3: 3 });
});

test("refuses volumes that a pod in its own VM cannot have, but gives it its own logs read-only", () => {
  const withVolume = (volume: object, readOnly: boolean) =>
    pod({
      containers: [{ ...container(), volumeMounts: [{ name: "v", mountPath: "/v", readOnly }] }],
      volumes: [{ name: "v", ...volume }],
    });
  const logs = { hostPath: { path: "/var/log/pods/", type: "Directory" } };
  const state = cluster(node("n"));
  assert.equal(place(withVolume(logs, true), state), "n");
  assert.match(place(withVolume(logs, false), state), /is a hostPath/);
  assert.match(place(withVolume({ hostPath: { path: "/var/log/pods" } }, true), state), /is a hostPath/);
  assert.match(place(withVolume({ hostPath: { path: "/etc", type: "Directory" } }, true), state), /is a hostPath/);
  assert.match(place(withVolume({ nfs: { server: "s", path: "/p" } }, true), state), /source "nfs"/);
  assert.equal(place(withVolume({ emptyDir: {} }, false), state), "n");
});

test("keeps pods apart and together by topology, in both directions", () => {
  const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "a" } } };
  const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const together = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const state = cluster(node("n1"), node("n2"));
  const first = pod({ affinity: apart });
  state.putPod(first, "n1");
  assert.equal(place(pod({ affinity: apart }), state), "n2");
  assert.equal(place(pod({}, { app: "a" }), state), "n2", "the one that is there may refuse the newcomer");
  assert.equal(place(pod({ affinity: together }, { app: "b" }), state), "n1");
  assert.match(place(pod({ affinity: together }, { app: "b" }), cluster(node("n1"))), /pod affinity rules/);
  assert.equal(
    place(pod({ affinity: together }), cluster(node("n1"))),
    "n1",
    "the first of a group has nobody to join",
  );
});

test("keeps the skew of a spread constraint", () => {
  const spread = {
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "a" } },
      },
    ],
  };
  const state = cluster(node("n1", { labels: { zone: "x" } }), node("n2", { labels: { zone: "y" }, cpu: "1" }));
  for (let index = 0; index < 4; index++) {
    const next = pod({ ...spread, containers: [container("100m")] });
    state.putPod(next, place(next, state));
  }
  assert.deepEqual(
    ["n1", "n2"].map((name) => state.host(name)?.pods.size),
    [2, 2],
  );
  assert.match(place(pod(spread), cluster(node("n3"))), /topology spread constraints \(missing required label\)/);
});

test("knows a host's own labels only", () => {
  const labelSelector = { matchLabels: { app: "a" } };
  for (const topologyKey of ["constructor", "toString", "__proto__"]) {
    const spread = { maxSkew: 1, topologyKey, whenUnsatisfiable: "DoNotSchedule", labelSelector };
    const spreading = pod({ topologySpreadConstraints: [spread] });
    assert.match(place(spreading, cluster(node("n"))), /topology spread constraints \(missing required label\)/);
    const together = { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] };
    const state = cluster(node("n1"), node("n2"));
    state.putPod(pod(), "n1");
    assert.match(place(pod({ affinity: { podAffinity: together } }), state), /didn't match pod affinity rules/);
    assert.match(place(pod({ affinity: { podAntiAffinity: together } }), state), /^n\d$/);
  }
});

test("tolerates what the pod says it tolerates", () => {
  const state = cluster(node("n", { spec: { taints: [{ key: "k", value: "v", effect: "NoExecute" }] } }));
  assert.match(place(pod(), state), /untolerated taint/);
  for (const toleration of [{ operator: "Exists" }, { key: "k", operator: "Exists" }, { key: "k", value: "v" }]) {
    assert.equal(place(pod({ tolerations: [toleration] }), state), "n");
  }
  assert.match(place(pod({ tolerations: [{ key: "k", value: "w" }] }), state), /untolerated taint/);
});

test("asks for the larger of init containers and containers, with sidecars and overhead", () => {
  const requests = podRequests(
    pod({
      initContainers: [{ ...container("100m"), restartPolicy: "Always" }, container("700m")],
      containers: [container("300m"), container("200m")],
      overhead: { cpu: "50m" },
    }),
  );
  assert.equal(requests.get("cpu"), 850);
});

test("never gives out more than a host has, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.boolean()), { maxLength: 60 }), (steps) => {
      const state = cluster(node("n1"), node("n2", { cpu: "1", pods: "3" }));
      const bound: Pod[] = [];
      for (const [millis, isLeaving] of steps) {
        if (isLeaving && bound.length > 0) state.removePod(bound.shift()?.metadata.uid ?? "");
        const next = pod({ containers: [container(`${millis}m`)] });
        const placement = placePod(next, state, seededRandom(millis));
        if (placement.type !== "placed") continue;
        state.putPod(next, placement.hostName);
        bound.push(next);
        for (const { requested, allocatable, pods } of state.hosts) {
          assert.ok((requested.get("cpu") ?? 0) <= (allocatable.get("cpu") ?? 0));
          assert.ok(pods.size <= (allocatable.get("pods") ?? 0));
        }
      }
    }),
  );
});
