import assert from "node:assert/strict";
import { test } from "node:test";
import type { PersistentVolumeClaim } from "../../generated/types.ts";
import { persistentVolumeClaimKind as kind } from "./kind.ts";

const ANNOTATION = "volume.beta.kubernetes.io/storage-class";

function makeClaim(fields: Partial<PersistentVolumeClaim["spec"]> = {}, annotation?: string): PersistentVolumeClaim {
  const annotations = annotation === undefined ? {} : { annotations: { [ANNOTATION]: annotation } };
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...fields };
  return { metadata: { name: "c", ...annotations }, spec, status: {} };
}
const fieldsOf = (errors: readonly { readonly field: string }[] | undefined) => errors?.map(({ field }) => field);
const refused = (claim: PersistentVolumeClaim, old: PersistentVolumeClaim) =>
  fieldsOf(kind.validateUpdate?.(claim, old));

test("a claim's class moves from its annotation to its field once, and never back", () => {
  assert.deepEqual(refused(makeClaim({ storageClassName: "a" }), makeClaim({}, "a")), []);
  assert.deepEqual(refused(makeClaim({ storageClassName: "b" }), makeClaim({}, "a")), [
    `metadata.annotations.${ANNOTATION}`,
    "spec",
  ]);
  assert.deepEqual(refused(makeClaim({ storageClassName: "b" }), makeClaim()), []);
  assert.deepEqual(refused(makeClaim({}, "a"), makeClaim()), [`metadata.annotations.${ANNOTATION}`]);
});

test("only a bound claim grows", () => {
  const larger = makeClaim({ resources: { requests: { storage: "2Gi" } } });
  assert.deepEqual(refused(larger, makeClaim()), ["spec"]);
  assert.deepEqual(refused({ ...larger, status: { phase: "Bound" } }, makeClaim()), []);
});

test("a source that could never be named in the older field is dropped unless the claim has it", () => {
  const source = { apiGroup: "example.com", kind: "Backup", name: "b" };
  const claim = makeClaim({ dataSource: source });
  kind.prepareForUpdate?.(claim, makeClaim());
  assert.equal(claim.spec.dataSource, undefined);
  const kept = makeClaim({ dataSource: source });
  kind.prepareForUpdate?.(kept, makeClaim({ dataSource: source, dataSourceRef: source }));
  assert.deepEqual(kept.spec.dataSourceRef, source);
});

test("a status says how far each resource of the claim is", () => {
  const status = {
    allocatedResourceStatuses: { storage: "Growing", cpu: "NodeResizePending" },
    allocatedResources: { storage: "-1", "example.com/x": "1" },
  };
  assert.deepEqual(fieldsOf(kind.validateStatusUpdate?.({ ...makeClaim(), status }, makeClaim())), [
    ...["status.allocatedResourceStatuses", "status.allocatedResourceStatuses"],
    "status.allocatedResources[storage]",
  ]);
});
