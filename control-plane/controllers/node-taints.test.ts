import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedTaints } from "./node-taints.ts";

test("only the conditions that mean something to pods become taints", () => {
  const types = ["Ready", "DiskPressure", "Odd", "constructor", "toString"];
  const conditions = types.map((type) => ({ type, status: "True" }));
  const taints = wantedTaints({ metadata: { name: "n" }, spec: {}, status: { conditions } }, "2026-01-01T00:00:00Z");
  assert.deepEqual(
    taints.map(({ key, effect }) => [key, effect]),
    [["node.kubernetes.io/disk-pressure", "NoSchedule"]],
  );
});
