import assert from "node:assert/strict";
import { test } from "node:test";
import { validateSysctls } from "./sysctl-validation.ts";

const errorsOf = (names: readonly string[], more: object = {}) =>
  validateSysctls(
    { containers: [], securityContext: { sysctls: names.map((name) => ({ name, value: "1" })) }, ...more },
    "s",
  ).map(({ field, type }) => `${field} ${type}`);

test("names of kernel parameters are checked, each on its own", () => {
  assert.deepEqual(
    errorsOf(["foo-", "kernel.shmmax", "safe-and-unsafe", "bar..", "net/ipv4/conf/eno2.100/rp_filter"]),
    ["s[0].name FieldValueInvalid", "s[3].name FieldValueInvalid"],
  );
  assert.deepEqual(errorsOf(["", "a.b", "a.b"]), ["s[0].name FieldValueRequired", "s[2].name FieldValueDuplicate"]);
});

test("what the pod shares with its host cannot be set", () => {
  const names = ["kernel.msgmax", "fs.mqueue.msg_max", "net.core.somaxconn", "net/core/somaxconn", "kernel.other"];
  assert.deepEqual(errorsOf(names), []);
  assert.deepEqual(errorsOf(names, { hostIPC: true }), ["s[0].name FieldValueInvalid", "s[1].name FieldValueInvalid"]);
  assert.deepEqual(errorsOf(names, { hostNetwork: true }), [
    "s[2].name FieldValueInvalid",
    "s[3].name FieldValueInvalid",
  ]);
});
