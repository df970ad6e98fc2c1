// What the kinds of storage refuse, fill in and warn of, beside the table that all kinds share.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type CSIDriver, csiDriverKind } from "./csi-driver/kind.ts";
import { csiNodeKind } from "./csi-node/kind.ts";
import { csiStorageCapacityKind } from "./csi-storage-capacity/kind.ts";
import { storageClassKind } from "./storage-class/kind.ts";
import { volumeAttachmentKind } from "./volume-attachment/kind.ts";
import { volumeAttributesClassKind } from "./volume-attributes-class/kind.ts";

const metadata = { name: "a" };
const driver = (spec: CSIDriver["spec"]): CSIDriver => ({ metadata, spec });

test("a driver gets tokens in secrets only where it asks for tokens", () => {
  const errors = csiDriverKind.validateCreate?.(driver({ serviceAccountTokenInSecrets: false })) ?? [];
  assert.deepEqual(
    errors.map(({ field }) => field),
    ["spec.serviceAccountTokenInSecrets"],
  );
});

test("a driver is warned of tokens when it begins to ask for them, and not again", () => {
  const asking = driver({ tokenRequests: [{ audience: "x" }] });
  assert.equal(csiDriverKind.warningsOf?.(asking).length, 1);
  assert.equal(csiDriverKind.warningsOf?.(asking, driver({})).length, 1);
  assert.deepEqual(csiDriverKind.warningsOf?.(asking, structuredClone(asking)), []);
});

test("a driver cannot keep pods from hosts without it", () => {
  const asking = driver({ preventPodSchedulingIfMissing: true });
  csiDriverKind.prepareForCreate?.(asking);
  assert.deepEqual(asking.spec, {});
});

test("a host's driver has a name that fits a path", () => {
  const errors = csiNodeKind.validateCreate?.({
    metadata,
    spec: { drivers: [{ name: "d".repeat(64), nodeID: "1" }] },
  });
  assert.deepEqual(
    errors?.map(({ type, field }) => `${type} ${field}`),
    ["FieldValueTooLong spec.drivers[0].name"],
  );
});

test("the room of a class is shown by name and age alone, and old labels are warned of", () => {
  const capacity = { metadata, storageClassName: "c", nodeTopology: { matchLabels: { "beta.kubernetes.io/os": "x" } } };
  assert.equal(csiStorageCapacityKind.columns.length, 2);
  assert.deepEqual(csiStorageCapacityKind.warningsOf?.(capacity), [
    'nodeTopology.matchLabels.beta.kubernetes.io/os: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});

test("a class may have no reclaim policy, but not an empty binding mode", () => {
  const storageClass = { metadata, provisioner: "p", reclaimPolicy: "", volumeBindingMode: "" };
  assert.deepEqual(
    storageClassKind.validateCreate?.(storageClass).map(({ type, field }) => `${type} ${field}`),
    ["FieldValueNotSupported volumeBindingMode"],
  );
});

test("an attachment's volume is named well even where it is one too many", () => {
  const source = {
    persistentVolumeName: "A_B",
    inlineVolumeSpec: { accessModes: ["ReadWriteOnce"], csi: { driver: "d", volumeHandle: "h" } },
  };
  const attachment = { metadata, spec: { attacher: "d", nodeName: "n", source } };
  assert.deepEqual(
    volumeAttachmentKind.validateCreate?.(attachment).map(({ field }) => field),
    ["spec.source", "spec.source.persistentVolumeName"],
  );
});

test("a volume that stands in its attachment may have a class of attributes", () => {
  const csi = { driver: "d", volumeHandle: "h" };
  const inlineVolumeSpec = { accessModes: ["ReadWriteOnce"], csi, volumeAttributesClassName: "a" };
  const attachment = { metadata, spec: { attacher: "d", nodeName: "n", source: { inlineVolumeSpec } } };
  assert.deepEqual(volumeAttachmentKind.validateCreate?.(attachment), []);
});

test("what is said of an attachment has a bound", () => {
  const spec = { attacher: "d", nodeName: "n", source: { persistentVolumeName: "v" } };
  const attachment = {
    metadata,
    spec,
    status: { attached: false, attachError: { message: "x".repeat(1025), errorCode: -1 } },
  };
  assert.deepEqual(
    volumeAttachmentKind.validateStatusUpdate?.(attachment, attachment).map(({ field }) => field),
    ["status.attachError.message", "status.attachError.errorCode"],
  );
});

test("a class of attributes that may not change is checked all the same", () => {
  const old = { metadata, driverName: "d", parameters: { a: "b" } };
  const errors = volumeAttributesClassKind.validateUpdate?.({ metadata, driverName: "a/b/c", parameters: {} }, old);
  assert.deepEqual(
    errors?.map(({ type, field }) => `${type} ${field}`),
    [
      "FieldValueForbidden driverName",
      "FieldValueForbidden parameters",
      "FieldValueInvalid driverName",
      "FieldValueRequired parameters",
    ],
  );
});
