import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "./version-order.ts";

test("stable versions come first, newer ones before older ones, names without a meaning last", () => {
  const ordered = [
    "v10",
    "v2",
    "v1",
    "v11beta2",
    "v10beta3",
    "v3beta1",
    "v12alpha1",
    "v11alpha2",
    "foo1",
    "foo10",
    "v1b",
  ];
  assert.deepEqual(ordered.toReversed().sort(compareVersions), ordered);
  assert.deepEqual(["v0", "v1"].sort(compareVersions), ["v1", "v0"]);
});
