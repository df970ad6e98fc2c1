import assert from "node:assert/strict";
import { test } from "node:test";
import { apiServiceKind } from "./kind.ts";

test("a local service has no certificates, of which a refusal says no more than the size", () => {
  const spec = { group: "example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
  const made = (caBundle: string) =>
    apiServiceKind.validateCreate?.({ metadata: { name: "v1.example.com" }, spec: { ...spec, caBundle } });
  assert.deepEqual(made(""), []);
  const text = 'Invalid value: "3 bytes": local APIServices may not have a caBundle';
  assert.deepEqual(
    made("YWJj")?.map(({ field, message }) => [field, message]),
    [["spec.caBundle", text]],
  );
});
