import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../generated/types.ts";
import { podKind } from "./kind.ts";

const labels = { app: "a", "pod-template-hash": "h" };

function prepared(spec: Partial<Pod["spec"]>): Pod {
  const pod: Pod = { metadata: { name: "p", namespace: "n", labels }, spec: { containers: [], ...spec } };
  podKind.prepareForCreate?.(pod);
  return pod;
}

test("a pod is spread among those of its own values", () => {
  const constraint = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" };
  const matchLabelKeys = ["pod-template-hash", "none"];
  const { spec } = prepared({
    topologySpreadConstraints: [
      { ...constraint, labelSelector: { matchLabels: { app: "a" } }, matchLabelKeys },
      { ...constraint, matchLabelKeys },
    ],
  });
  const selectors = spec?.topologySpreadConstraints?.map(({ labelSelector }) => labelSelector);
  const requirement = { key: "pod-template-hash", operator: "In", values: ["h"] };
  assert.deepEqual(selectors, [{ matchLabels: { app: "a" }, matchExpressions: [requirement] }, undefined]);
});

test("a pod is kept from those of other values", () => {
  const term = { topologyKey: "zone", labelSelector: {}, mismatchLabelKeys: ["app"] };
  const { spec } = prepared({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [structuredClone(term)],
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: structuredClone(term) }],
      },
    },
  });
  const labelSelector = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["a"] }] };
  const terms = spec?.affinity?.podAntiAffinity;
  assert.deepEqual(
    terms?.requiredDuringSchedulingIgnoredDuringExecution?.map((one) => one.labelSelector),
    [labelSelector],
  );
  assert.deepEqual(
    terms?.preferredDuringSchedulingIgnoredDuringExecution?.map((one) => one.podAffinityTerm.labelSelector),
    [labelSelector],
  );
});
