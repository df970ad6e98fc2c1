import assert from "node:assert/strict";
import { test } from "node:test";
import { validateObjectMeta } from "./object-meta.ts";

test("what is wrong with owners comes in their order, a second controller among it", () => {
  const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "u", controller: true };
  const ownerReferences = [owner, owner, { ...owner, name: "", controller: false }];
  const rules = {
    nameRule: "dns1123Subdomain",
    scope: "Cluster",
    checksGenerateName: false,
    qualifiesFinalizers: false,
  } as const;
  const fields = validateObjectMeta({ name: "a", ownerReferences }, rules).map(({ field }) => field);
  assert.deepEqual(fields, ["metadata.ownerReferences", "metadata.ownerReferences.name"]);
});
