import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterRole } from "@atoll/api/generated/types";
import { aggregatedRules } from "./cluster-role-aggregation.ts";

const read = (resource: string) => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });
const role = (name: string, labels: Record<string, string>, ...resources: string[]): ClusterRole => ({
  metadata: { name, labels },
  rules: resources.map(read),
});

test("an aggregating role has each rule of those its selectors find once, in one order, and never its own", () => {
  const sum: ClusterRole = {
    metadata: { name: "sum", labels: { part: "a" } },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: "b" } }, { matchLabels: { part: "a" } }] },
    rules: [read("secrets")],
  };
  const others = [role("z", { part: "a" }, "z", "pods"), role("y", { part: "b" }, "pods"), role("x", {}, "x")];
  const wanted = [read("pods"), read("z")];
  assert.deepEqual(aggregatedRules(sum, [sum, ...others]), wanted);
  assert.deepEqual(aggregatedRules(sum, [...others.reverse(), sum]), wanted);
  assert.deepEqual(aggregatedRules({ metadata: { name: "none" } }, others), []);
});
