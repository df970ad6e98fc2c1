import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Pod } from "@atoll/api/core/pod/kind";
import { PersistentVolume } from "@atoll/api/core/persistent-volume/kind";
import { PersistentVolumeClaim } from "@atoll/api/core/persistent-volume-claim/kind";
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from "@atoll/api/generated/types";
import { StorageClass } from "@atoll/api/storage/storage-class/kind";
import { VolumeAttributesClass } from "@atoll/api/storage/volume-attributes-class/kind";
import { ephemeralVolume } from "./ephemeral-volume.ts";
import { persistentVolume } from "./persistent-volume.ts";
import { attributesClassProtection, claimProtection, volumeProtection } from "./persistent-volume-protection.ts";
import { startWorld } from "./test-world.ts";

const NAMESPACE = "default";
const named = (name: string) => ({ name, namespace: NAMESPACE });

function volumeOf(name: string, size: string, spec: PersistentVolumeSpec = {}, more: object = {}): PersistentVolume {
  return {
    metadata: { name, ...more },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: size },
      persistentVolumeReclaimPolicy: "Retain",
      ...(spec.hostPath ? {} : { csi: { driver: "d", volumeHandle: name } }),
      ...spec,
    },
    status: { phase: "Pending" },
  };
}

function claimOf(
  name: string,
  size: string,
  spec: PersistentVolumeClaimSpec = {},
  more: object = {},
): PersistentVolumeClaim {
  return {
    metadata: { ...named(name), ...more },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } }, ...spec },
    status: { phase: "Pending" },
  };
}

function start(t: { after: (hook: () => void) => void }) {
  const world = startWorld(t, [persistentVolume]);
  const { api, clock } = world;
  const volume = (name: string) => api.get(PersistentVolume, { name });
  const claim = (name: string) => api.get(PersistentVolumeClaim, named(name));
  /** Long enough for phases, bindings, and whatever follows from them. */
  const settle = () => clock.advance(5000);
  const make = async (...objects: (PersistentVolume | PersistentVolumeClaim)[]) => {
    for (const object of objects) {
      if (object.metadata.namespace)
        await api.create(PersistentVolumeClaim, object as PersistentVolumeClaim); // by its namespace
      else await api.create(PersistentVolume, object as PersistentVolume); // likewise
    }
    await settle();
  };
  return { ...world, volume, claim, settle, make };
}

describe("a claim", () => {
  test("gets the smallest free volume that fits, and both sides say so", async (t) => {
    const { make, volume, claim, api, settle } = start(t);
    await make(volumeOf("large", "10Gi"), volumeOf("small", "1Gi"), volumeOf("fits", "5Gi"));
    assert.equal((await volume("fits")).status?.phase, "Available");
    await make(claimOf("c", "3Gi"));
    const [bound, holder] = [await volume("fits"), await claim("c")];
    assert.equal(bound.status?.phase, "Bound");
    assert.deepEqual([bound.spec?.claimRef?.name, bound.spec?.claimRef?.uid], ["c", holder.metadata.uid]);
    assert.equal(bound.metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], "yes");
    assert.deepEqual(holder.metadata.annotations, {
      "pv.kubernetes.io/bind-completed": "yes",
      "pv.kubernetes.io/bound-by-controller": "yes",
    });
    assert.equal(holder.spec?.volumeName, "fits");
    assert.deepEqual(holder.status, { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: { storage: "5Gi" } });
    assert.equal((await volume("large")).status?.phase, "Available");
    const writes = api.writes.length;
    await settle();
    assert.equal(api.writes.length, writes, "quiet when nothing changes");
  });

  test("is not given what differs in class, mode, access, labels or attributes, and takes what comes later", async (t) => {
    const { make, claim, events } = start(t);
    const selector = { matchLabels: { tier: "fast" } };
    const labels = { tier: "fast" };
    await make(
      volumeOf("other-class", "9Gi", { storageClassName: "gold" }, { labels }),
      volumeOf("raw", "9Gi", { volumeMode: "Block" }, { labels }),
      volumeOf("read-only", "9Gi", { accessModes: ["ReadOnlyMany"] }, { labels }),
      volumeOf("slow", "9Gi"),
      volumeOf("attributes", "9Gi", { volumeAttributesClassName: "v" }, { labels }),
      claimOf("c", "1Gi", { selector }),
    );
    assert.equal((await claim("c")).spec?.volumeName, undefined);
    assert.ok(
      events.includes(
        "Normal FailedBinding c: no persistent volumes available for this claim and no storage class is set",
      ),
    );
    await make(volumeOf("right", "9Gi", { accessModes: ["ReadWriteOnce", "ReadOnlyMany"] }, { labels }));
    assert.equal((await claim("c")).spec?.volumeName, "right");
  });

  test("gets the volume it names, or is told why not", async (t) => {
    const { make, claim, volume, events } = start(t);
    await make(
      volumeOf("v", "1Gi"),
      claimOf("greedy", "5Gi", { volumeName: "v" }),
      claimOf("modest", "1Gi", { volumeName: "v" }),
      claimOf("late", "1Gi", { volumeName: "v" }),
      claimOf("nowhere", "1Gi", { volumeName: "none" }),
    );
    assert.equal((await claim("modest")).status?.phase, "Bound");
    assert.equal((await claim("modest")).metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], undefined);
    assert.equal((await volume("v")).spec?.claimRef?.name, "modest");
    for (const name of ["greedy", "late", "nowhere"]) assert.equal((await claim(name)).status?.phase, "Pending");
    assert.ok(
      events.includes('Warning VolumeMismatch greedy: Cannot bind to requested volume "v": requested PV is too small'),
    );
    assert.ok(events.includes('Warning FailedBinding late: volume "v" already bound to a different claim.'));
  });

  test("gets the volume that was set aside for it before any other", async (t) => {
    const { make, claim, volume } = start(t);
    const claimRef = { name: "c", namespace: NAMESPACE };
    await make(volumeOf("free", "1Gi"), volumeOf("aside", "2Gi", { claimRef }));
    assert.equal((await volume("aside")).status?.phase, "Available");
    await make(claimOf("c", "1Gi"));
    assert.equal((await claim("c")).spec?.volumeName, "aside");
    assert.equal((await volume("aside")).metadata.annotations?.["pv.kubernetes.io/bound-by-controller"], undefined);
  });

  test("waits for its first pod where the class says so, and is offered to the class's maker otherwise", async (t) => {
    const { make, claim, api, events } = start(t);
    const classOf = (name: string, volumeBindingMode: string, provisioner = "made.test/x"): StorageClass => ({
      metadata: { name },
      provisioner,
      volumeBindingMode,
    });
    await api.create(StorageClass, classOf("lazy", "WaitForFirstConsumer"));
    await api.create(StorageClass, classOf("eager", "Immediate"));
    await api.create(StorageClass, classOf("manual", "Immediate", "kubernetes.io/no-provisioner"));
    await make(
      volumeOf("v", "1Gi", { storageClassName: "lazy" }),
      claimOf("waits", "1Gi", { storageClassName: "lazy" }),
      claimOf("offered", "1Gi", { storageClassName: "eager" }),
      claimOf("manual", "1Gi", { storageClassName: "manual" }),
      claimOf("lost-class", "1Gi", { storageClassName: "none" }),
    );
    assert.equal((await claim("waits")).spec?.volumeName, undefined);
    assert.equal(
      (await claim("offered")).metadata.annotations?.["volume.kubernetes.io/storage-provisioner"],
      "made.test/x",
    );
    const reasons = events.map((event) => event.split(":")[0]);
    for (const expected of [
      "Normal WaitForFirstConsumer waits",
      "Normal ExternalProvisioning offered",
      "Warning ProvisioningFailed manual",
      "Warning ProvisioningFailed lost-class",
    ]) {
      assert.ok(reasons.includes(expected), expected);
    }
    // The scheduler has chosen a host: now the maker's turn has come.
    await api.patch(PersistentVolumeClaim, named("waits"), {
      type: "merge",
      body: { metadata: { annotations: { "volume.kubernetes.io/selected-node": "h" } } },
    });
    await make(volumeOf("made", "1Gi", { storageClassName: "eager", claimRef: named("offered") }));
    assert.equal(
      (await claim("waits")).metadata.annotations?.["volume.kubernetes.io/storage-provisioner"],
      "made.test/x",
    );
    assert.equal((await claim("offered")).spec?.volumeName, "made");
  });

  test("gets the default class late, when there is one", async (t) => {
    const { make, claim, api, settle } = start(t);
    await make(claimOf("c", "1Gi"), claimOf("none", "1Gi", { storageClassName: "" }));
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    await api.create(StorageClass, { metadata: { name: "usual", annotations }, provisioner: "p.test/x" });
    await settle();
    assert.equal((await claim("c")).spec?.storageClassName, "usual");
    assert.equal((await claim("none")).spec?.storageClassName, "");
  });

  test("is lost with its volume", async (t) => {
    const { make, claim, api, events, settle } = start(t);
    await make(volumeOf("v", "1Gi"), claimOf("c", "1Gi"));
    await api.delete(PersistentVolume, { name: "v" });
    await settle();
    const { status } = await claim("c");
    assert.deepEqual(status, { phase: "Lost" });
    assert.equal(events.filter((event) => event.startsWith("Warning ClaimLost c")).length, 1);
  });
});

describe("a volume without its claim", () => {
  const phaseAfter = async (t: { after: (hook: () => void) => void }, spec: PersistentVolumeSpec, annotations = {}) => {
    const { make, volume, api, settle } = start(t);
    await make(volumeOf("v", "1Gi", spec, { annotations }), claimOf("c", "1Gi"));
    await api.delete(PersistentVolumeClaim, named("c"));
    await settle();
    const { status } = await volume("v");
    return [status?.phase, status?.message ?? ""];
  };
  const local = { path: "/x" };
  const cases: readonly (readonly [string, PersistentVolumeSpec, object, readonly string[]])[] = [
    ["is kept", {}, {}, ["Released", ""]],
    ["is left to the driver that made it", { persistentVolumeReclaimPolicy: "Delete" }, {}, ["Released", ""]],
    [
      "says that nobody can delete it",
      { persistentVolumeReclaimPolicy: "Delete", hostPath: local },
      {},
      ["Failed", 'error getting deleter volume plugin for volume "v": no deletable volume plugin matched'],
    ],
    [
      "is left to the program that made it",
      { persistentVolumeReclaimPolicy: "Delete", hostPath: local },
      { "pv.kubernetes.io/provisioned-by": "p.test/x" },
      ["Released", ""],
    ],
    [
      "says that nobody can clean it",
      { persistentVolumeReclaimPolicy: "Recycle" },
      {},
      ["Failed", "No recycler plugin found for the volume!"],
    ],
  ];
  for (const [what, spec, annotations, expected] of cases) {
    test(what, async (t) => {
      assert.deepEqual(await phaseAfter(t, spec, annotations), expected);
    });
  }

  test("is not bound to another claim of the same name", async (t) => {
    const { make, volume, claim, api, settle } = start(t);
    await make(volumeOf("v", "1Gi"), claimOf("c", "1Gi"));
    await api.delete(PersistentVolumeClaim, named("c"));
    await settle();
    await make(claimOf("c", "1Gi"));
    assert.equal((await volume("v")).status?.phase, "Released");
    assert.equal((await claim("c")).status?.phase, "Pending");
  });

  test("is free again when its claim took another one", async (t) => {
    const { make, volume, claim } = start(t);
    await make(volumeOf("v", "1Gi"), claimOf("c", "1Gi"));
    const { uid = "" } = (await claim("c")).metadata;
    const claimRef = { ...named("c"), uid };
    const mark = { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } };
    await make(volumeOf("ours", "1Gi", { claimRef }, mark), volumeOf("theirs", "1Gi", { claimRef }));
    const [ours, theirs] = [await volume("ours"), await volume("theirs")];
    assert.deepEqual([ours.status?.phase, ours.spec?.claimRef], ["Available", undefined]);
    assert.deepEqual([theirs.status?.phase, theirs.spec?.claimRef], ["Available", named("c")]);
  });
});

test("ten claims for ten volumes are bound one to one", async (t) => {
  const { make, api } = start(t);
  const ten = Array.from({ length: 10 }, (_, index) => index);
  await make(...ten.map((index) => volumeOf(`v${index}`, "1Gi")), ...ten.map((index) => claimOf(`c${index}`, "1Gi")));
  const claims = (await api.list(PersistentVolumeClaim)).items;
  assert.equal(new Set(claims.map(({ spec }) => spec?.volumeName)).size, 10);
  for (const { status } of claims) assert.equal(status?.phase, "Bound");
});

describe("protection", () => {
  const protectedBy = (finalizer: string) => ({ finalizers: [`kubernetes.io/${finalizer}`] });

  test("keeps a claim while a pod on a host uses it, and no longer", async (t) => {
    const { api, clock } = startWorld(t, [claimProtection]);
    await api.create(PersistentVolumeClaim, claimOf("c", "1Gi", {}, protectedBy("pvc-protection")));
    const volumes = [{ name: "v", persistentVolumeClaim: { claimName: "c" } }];
    await api.create(Pod, { metadata: named("unplaced"), spec: { containers: [], volumes } });
    await api.create(Pod, { metadata: named("placed"), spec: { containers: [], volumes, nodeName: "h" } });
    await clock.advance(100);
    await api.delete(PersistentVolumeClaim, named("c"));
    await clock.advance(5000);
    assert.ok((await api.get(PersistentVolumeClaim, named("c"))).metadata.deletionTimestamp);
    await api.delete(Pod, named("placed"), { gracePeriodSeconds: 0 });
    await clock.advance(5000);
    await assert.rejects(api.get(PersistentVolumeClaim, named("c")), { reason: "NotFound" });
  });

  test("keeps a bound volume, and adds itself where it is missing", async (t) => {
    const { api, clock } = startWorld(t, [volumeProtection]);
    const bound = volumeOf("v", "1Gi");
    await api.create(PersistentVolume, { ...bound, status: { phase: "Bound" } });
    await clock.advance(1000);
    const volume = await api.get(PersistentVolume, { name: "v" });
    assert.deepEqual(volume.metadata.finalizers, ["kubernetes.io/pv-protection"]);
    await api.delete(PersistentVolume, { name: "v" });
    await clock.advance(1000);
    const leaving = await api.get(PersistentVolume, { name: "v" });
    await api.update(PersistentVolume, { ...leaving, status: { phase: "Released" } }, { subresource: "status" });
    await clock.advance(1000);
    await assert.rejects(api.get(PersistentVolume, { name: "v" }), { reason: "NotFound" });
  });

  test("keeps an attributes class while a claim names it", async (t) => {
    const { api, clock } = startWorld(t, [attributesClassProtection]);
    const metadata = { name: "v", ...protectedBy("vac-protection") };
    await api.create(VolumeAttributesClass, { metadata, driverName: "d" });
    await api.create(PersistentVolumeClaim, claimOf("c", "1Gi", { volumeAttributesClassName: "v" }));
    await clock.advance(1000);
    await api.delete(VolumeAttributesClass, { name: "v" });
    await clock.advance(1000);
    assert.ok(await api.get(VolumeAttributesClass, { name: "v" }));
    await api.delete(PersistentVolumeClaim, named("c"));
    await clock.advance(1000);
    await assert.rejects(api.get(VolumeAttributesClass, { name: "v" }), { reason: "NotFound" });
  });
});

describe("ephemeral volumes", () => {
  const podOf = (name: string): Pod => ({
    metadata: named(name),
    spec: {
      containers: [],
      volumes: [
        {
          name: "scratch",
          ephemeral: {
            volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec: claimOf("x", "1Gi").spec ?? {} },
          },
        },
      ],
    },
  });

  test("get a claim that their pod owns", async (t) => {
    const { api, clock } = startWorld(t, [ephemeralVolume]);
    const { metadata } = await api.create(Pod, podOf("web"));
    await clock.advance(1000);
    const claim = await api.get(PersistentVolumeClaim, named("web-scratch"));
    assert.deepEqual(claim.metadata.labels, { a: "b" });
    const [owner] = claim.metadata.ownerReferences ?? [];
    assert.deepEqual([owner?.kind, owner?.uid, owner?.controller], ["Pod", metadata.uid, true]);
  });

  test("do not take a claim that is somebody else's", async (t) => {
    const { api, clock, events } = startWorld(t, [ephemeralVolume]);
    await api.create(PersistentVolumeClaim, claimOf("web-scratch", "1Gi"));
    await clock.advance(100);
    await api.create(Pod, podOf("web"));
    await clock.advance(100);
    assert.match(events[0] ?? "", /FailedBinding web: .*PVC default\/web-scratch was not created for pod default\/web/);
  });
});
