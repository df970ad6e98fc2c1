import assert from "node:assert/strict";
import { test } from "node:test";
import { namespaceKind } from "./kind.ts";

const fieldsOf = (errors: readonly { readonly field: string }[] | undefined) => errors?.map(({ field }) => field);

test("finalizers of a namespace are qualified or Kubernetes' own", () => {
  const namespace = { metadata: { name: "n" }, spec: { finalizers: ["kubernetes", "example.com/x", "mine"] } };
  assert.deepEqual(fieldsOf(namespaceKind.validateCreate?.(namespace)), ["spec.finalizers"]);
  assert.deepEqual(fieldsOf(namespaceKind.partialUpdates?.finalize?.validate(namespace, namespace)), [
    "spec.finalizers[2]",
  ]);
});

test("the phase says whether the namespace is being deleted", () => {
  const fieldsOfPhase = (phase: string, metadata = {}) => {
    const namespace = { metadata, spec: {}, status: { phase } };
    return fieldsOf(namespaceKind.validateStatusUpdate?.(namespace, namespace));
  };
  const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.deepEqual(fieldsOfPhase("Active"), []);
  assert.deepEqual(fieldsOfPhase("Terminating"), ["status.Phase"]);
  assert.deepEqual(fieldsOfPhase("Terminating", deleted), []);
  assert.deepEqual(fieldsOfPhase("Active", deleted), ["status.Phase"]);
});
