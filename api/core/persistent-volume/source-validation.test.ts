import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PersistentVolumeSpec } from "../../generated/types.ts";
import { validateVolumeSource } from "./source-validation.ts";

const IQN = "iqn.2001-04.com.example:storage";
const secretRef = { name: "" };

/** A source, and the paths that are wrong with it; as upstream 1.36 says, in its order. */
const CASES: readonly (readonly [PersistentVolumeSpec, ...string[]])[] = [
  [{}, "spec"],
  [{ csi: { driver: "d.test", volumeHandle: "h" } }],
  [{ csi: { driver: "", volumeHandle: "" } }, "spec.csi.driver", "spec.csi.volumeHandle"],
  [{ csi: { driver: "A_B", volumeHandle: "h" } }, "spec.csi.driver"],
  [{ csi: { driver: "d".repeat(64), volumeHandle: "h" } }, "spec.csi.driver"],
  [
    { csi: { driver: "d", volumeHandle: "h", nodePublishSecretRef: { namespace: "B" } } },
    "spec.csi.nodePublishSecretRef.name",
    "spec.csi.nodePublishSecretRef.namespace",
  ],
  [{ csi: { driver: "d", volumeHandle: "h" }, hostPath: { path: "/a" } }, "spec.csi"],
  [{ hostPath: { path: "" } }, "spec.hostPath.path"],
  [{ hostPath: { path: "/a/../b", type: "Foo" } }, "spec.hostPath.path", "spec.hostPath.type"],
  [{ hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" }, "spec.persistentVolumeReclaimPolicy"],
  [{ local: { path: "../a" } }, "spec.local.path", "spec.nodeAffinity"],
  [{ nfs: { server: "", path: "" } }, "spec.nfs.server", "spec.nfs.path", "spec.nfs.path"],
  [{ iscsi: { targetPortal: "a", iqn: "b", lun: 300 } }, "spec.iscsi.iqn", "spec.iscsi.lun"],
  [{ iscsi: { targetPortal: "a", iqn: IQN, lun: 1, chapAuthSession: true } }, "spec.iscsi.secretRef"],
  [{ iscsi: { targetPortal: "a", iqn: IQN, lun: 1, secretRef } }, "spec.iscsi.secretRef.name"],
  [
    { iscsi: { targetPortal: "a".repeat(64), iqn: IQN, lun: 1, initiatorName: "x" } },
    "spec.iscsi.targetportal",
    "spec.iscsi.initiatorname",
  ],
  [{ cephfs: { monitors: [""] } }],
  [{ fc: {} }, "spec.fc.targetWWNs"],
  [{ fc: { targetWWNs: ["a"] } }, "spec.fc.lun"],
  [{ fc: { targetWWNs: ["a"], wwids: ["b"], lun: 300 } }, "spec.fc.targetWWNs", "spec.fc.lun"],
  [{ gcePersistentDisk: { pdName: "a", partition: 300 } }, "spec.persistentDisk.partition"],
  [{ flocker: {} }, "spec.flocker"],
  [{ flocker: { datasetName: "a/b", datasetUUID: "c" } }, "spec.flocker", "spec.flocker.datasetName"],
  [{ quobyte: { registry: "a", volume: "" } }, "spec.quobyte.registry", "spec.quobyte.volume"],
  [{ quobyte: { registry: "a:1,[::1]:2", volume: "v" } }],
  [{ flexVolume: { driver: "a/b", options: { "x.k8s.io/a": "b" } } }, "spec.flexVolume.options[x.k8s.io/a]"],
  [{ azureFile: { secretName: "a", shareName: "b", secretNamespace: "" } }, "spec.azureFile.secretNamespace"],
  [{ azureDisk: { diskName: "a", diskURI: "b", kind: "Managed" } }, "spec.azureDisk.diskURI"],
  [
    { storageos: { volumeName: "A", secretRef: {} } },
    ...["volumeName", "secretRef.name", "secretRef.namespace"].map((name) => `spec.storageos.${name}`),
  ],
];

describe("a volume's source", () => {
  for (const [spec, ...expected] of CASES) {
    test(JSON.stringify(spec).slice(0, 90), () => {
      assert.deepEqual(
        validateVolumeSource(spec, "spec", "v").map(({ field }) => field),
        expected,
      );
    });
  }
});
