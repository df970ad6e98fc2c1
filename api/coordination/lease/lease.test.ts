import assert from "node:assert/strict";
import { test } from "node:test";
import { leaseKind } from "./kind.ts";

test("who shall hold a lease next is not taken before its gate is open, and not taken away", () => {
  const lease = () => ({ metadata: { name: "l" }, spec: { holderIdentity: "me", preferredHolder: "you" } });
  const created = lease();
  leaseKind.prepareForCreate?.(created);
  assert.deepEqual(created.spec, { holderIdentity: "me" });
  const updated = lease();
  leaseKind.prepareForUpdate?.(updated, lease());
  assert.deepEqual(updated.spec, lease().spec);
});

test("a lease is given back by a holder without a name", () => {
  const lease = { metadata: { name: "a" }, spec: { holderIdentity: "", leaseDurationSeconds: 1 } };
  assert.deepEqual(leaseKind.validateUpdate?.(lease, lease), []);
});
