import assert from "node:assert/strict";
import { test } from "node:test";
import { validateAffinityUpdate } from "./affinity-update.ts";

const affinity = (key: string, value = "a") => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: [value] }] }] },
});

test("from where a volume can be reached stays, once it is said, but for new names of labels", () => {
  const old = affinity("failure-domain.beta.kubernetes.io/zone");
  const fieldsOf = (changed: ReturnType<typeof affinity> | undefined, before: typeof changed = old) =>
    validateAffinityUpdate(changed, before).map(({ field }) => field);
  assert.deepEqual(fieldsOf(old), []);
  assert.deepEqual(fieldsOf(affinity("topology.kubernetes.io/zone")), []);
  assert.deepEqual(fieldsOf(affinity("topology.kubernetes.io/region")), ["nodeAffinity"]);
  assert.deepEqual(fieldsOf(affinity("topology.kubernetes.io/zone", "b")), ["nodeAffinity"]);
  assert.deepEqual(fieldsOf(undefined), ["nodeAffinity"]);
  assert.deepEqual(validateAffinityUpdate(old, undefined), []);
});
