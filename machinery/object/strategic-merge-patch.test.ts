import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { isEqualJson } from "@atoll/api/meta/field-error";
import fc from "fast-check";
import { hasReason } from "./api-error.ts";
import { applyStrategicMergePatch, strategicMergeInSteps } from "./strategic-merge-patch.ts";

type Json = Record<string, unknown>;

const POD = "io.k8s.api.core.v1.Pod";

function patchPod(original: Json, patch: Json): Json {
  return applyStrategicMergePatch(schemaModel, POD, original, patch);
}

const pod = {
  metadata: { name: "a", labels: { x: "1", y: "2" }, finalizers: ["f/a", "f/b"] },
  spec: {
    containers: [
      { name: "a", image: "a:1", args: ["x"] },
      { name: "b", image: "b:1" },
    ],
    volumes: [{ name: "v", emptyDir: {} }],
    tolerations: [{ key: "t" }],
  },
};

function specAfter(patch: Json): unknown {
  return patchPod({ spec: pod.spec }, { spec: patch }).spec;
}

test("merges maps and removes with null", () => {
  assert.deepEqual(patchPod(pod, { metadata: { labels: { x: null, z: "3" } } }).metadata, {
    name: "a",
    labels: { y: "2", z: "3" },
    finalizers: ["f/a", "f/b"],
  });
});

test("merges list items by their key and appends new ones", () => {
  assert.deepEqual(
    specAfter({
      containers: [
        { name: "b", image: "b:2" },
        { name: "c", image: null },
      ],
    }),
    {
      ...pod.spec,
      containers: [{ name: "a", image: "a:1", args: ["x"] }, { name: "b", image: "b:2" }, { name: "c" }],
    },
  );
});

test("replaces lists without a merge key", () => {
  assert.deepEqual(specAfter({ tolerations: [{ key: "u" }], containers: [{ name: "a", args: ["y"] }] }), {
    ...pod.spec,
    tolerations: [{ key: "u" }],
    containers: [{ name: "a", image: "a:1", args: ["y"] }, pod.spec.containers[1]],
  });
});

test("merges sets of values and takes values out", () => {
  const added = patchPod(pod, { metadata: { finalizers: ["f/c", "f/a"] } });
  assert.deepEqual((added.metadata as Json).finalizers, ["f/c", "f/a", "f/b"]); // metadata is a map in every pod
  const removed = patchPod(pod, { metadata: { "$deleteFromPrimitiveList/finalizers": ["f/a"] } });
  assert.deepEqual((removed.metadata as Json).finalizers, ["f/b"]); // as above
});

test("takes a list as it is where there was none, but for what it would take out", () => {
  const owner = (name: string) => ({ apiVersion: "v1", kind: "K", name, uid: "u" });
  const metadata = {
    finalizers: ["a/b", "a/b"],
    ownerReferences: [owner("a"), owner("b"), { uid: "u", $patch: "delete" }],
  };
  assert.deepEqual(patchPod({ metadata: { name: "p" } }, { metadata }), {
    metadata: { name: "p", finalizers: ["a/b", "a/b"], ownerReferences: [owner("a"), owner("b")] },
  });
});

test("obeys $patch in maps, items and lists", () => {
  assert.deepEqual(patchPod(pod, { metadata: { $patch: "replace", name: "n" } }).metadata, { name: "n" });
  assert.deepEqual(patchPod(pod, { metadata: { $patch: "delete" } }).metadata, {});
  assert.deepEqual(specAfter({ containers: [{ name: "a", $patch: "delete" }] }), {
    ...pod.spec,
    containers: [pod.spec.containers[1]],
  });
  assert.deepEqual(specAfter({ containers: [{ $patch: "replace" }, { name: "n" }] }), {
    ...pod.spec,
    containers: [{ name: "n" }],
  });
});

test("keeps only the fields that $retainKeys names", () => {
  assert.deepEqual(
    specAfter({ volumes: [{ $retainKeys: ["name", "hostPath"], name: "v", hostPath: { path: "/x" } }] }),
    {
      ...pod.spec,
      volumes: [{ name: "v", hostPath: { path: "/x" } }],
    },
  );
});

test("puts items into the order asked for, and leaves the server's own where they stood", () => {
  const named = (...names: string[]) => names.map((name) => ({ name }));
  const order = (before: string[], wanted: string[], patch: string[] = []) => {
    const after = patchPod(
      { spec: { containers: named(...before) } },
      { spec: { "$setElementOrder/containers": named(...wanted), containers: named(...patch) } },
    );
    return (after.spec as { containers: { name: string }[] }).containers.map(({ name }) => name).join(""); // made above
  };
  assert.equal(order(["a", "b", "c"], ["c", "a", "b"]), "cab");
  assert.equal(order(["a", "s", "b"], ["b", "a"]), "sba");
  assert.equal(order(["s", "a", "b"], ["a", "b"]), "sab");
  assert.equal(order(["a", "b"], ["n", "a", "b"], ["n"]), "nab");
});

test("refuses patches that make no sense", () => {
  const patches: readonly Json[] = [
    { metadata: { $patch: "explode" } },
    { spec: { containers: [{ image: "x" }] } },
    { spec: { containers: ["x"] } },
    { spec: { $retainKeys: "containers" } },
    { spec: { $retainKeys: ["volumes"], hostNetwork: true } },
    { spec: { "$setElementOrder/containers": "a" } },
    { metadata: { "$deleteFromPrimitiveList/finalizers": "f/a" } },
  ];
  for (const patch of patches) {
    assert.throws(
      () => patchPod(pod, patch),
      (error) => hasReason(error, "BadRequest"),
      JSON.stringify(patch),
    );
  }
});

const shortText = fc.constantFrom("a", "b", "c", "d");
const container = fc.record({ image: shortText, args: fc.array(shortText, { maxLength: 2 }) }, { requiredKeys: [] });
const containers = fc
  .dictionary(shortText, container, { maxKeys: 4 })
  .map((byName) => Object.entries(byName).map(([name, rest]) => ({ name, ...rest })));
const anyPod = fc.record({
  metadata: fc.record({ labels: fc.dictionary(shortText, shortText), finalizers: fc.uniqueArray(shortText) }),
  spec: fc.record({ containers }),
});

test("changes nothing when a patch without deletions is applied twice, and leaves its arguments alone", () => {
  fc.assert(
    fc.property(anyPod, anyPod, (original, patch) => {
      const before = JSON.stringify([original, patch]);
      const once = patchPod(original, patch);
      assert.ok(isEqualJson(patchPod(once, patch), once));
      assert.equal(JSON.stringify([original, patch]), before);
    }),
  );
});

test("gives the pod itself when it is patched with itself or with nothing", () => {
  fc.assert(
    fc.property(anyPod, (original) => {
      assert.ok(isEqualJson(patchPod(original, original), original));
      assert.ok(isEqualJson(patchPod(original, {}), original));
    }),
  );
});

test("merges lists of ten thousand items in time", () => {
  const env = Array.from({ length: 10_000 }, (_, index) => ({ name: `E${index}`, value: "x" }));
  const pod = { spec: { containers: [{ name: "c", env }] } };
  const patch = {
    spec: { containers: [{ name: "c", env: env.toReversed().map(({ name }) => ({ name, value: "y" })) }] },
  };
  const started = performance.now();
  const merged = applyStrategicMergePatch(schemaModel, "io.k8s.api.core.v1.Pod", pod, patch) as typeof pod;
  assert.deepEqual(merged.spec.containers[0]?.env.at(0), { name: "E9999", value: "y" });
  assert.ok(performance.now() - started < 2000);
});

test("refuses to merge lists with an item that has no key", () => {
  const noKey = (error: unknown) => hasReason(error, "BadRequest") && /declared merge key: name/.test(String(error));
  assert.throws(() => patchPod({ spec: { volumes: [{}] } }, { spec: { volumes: [{ name: "v" }] } }), noKey);
  assert.throws(() => specAfter({ volumes: [{}] }), noKey);
});

test("takes a key that is null for one that no item has", () => {
  const pod = { spec: { containers: [{ name: "c", image: "before" }] } };
  const patch = { spec: { containers: [{ name: null, image: "after" }] } };
  const { spec } = patchPod(pod, patch) as typeof patch;
  assert.equal(spec.containers.length, 2);
  assert.equal(spec.containers.find(({ name }) => name === null)?.image, "after");
});

test("merges long lists in steps, and as short ones", () => {
  const names = Array.from({ length: 600 }, (_, index) => `c${index}`);
  const [gone = "", twice = ""] = [names[350], names[360]];
  const environment = [{ name: "e", value: "before" }, { name: "f" }];
  const containers = names.slice(0, 400).map((name) => ({ name, image: "before", env: environment }));
  const change = {
    image: "after",
    command: null,
    env: [{ name: "e", value: "after" }],
    "$setElementOrder/env": [{ name: "f" }, { name: "e" }],
  };
  const patched = [
    ...names.slice(300).map((name) => (name === gone ? { name, $patch: "delete" } : { name, ...change })),
    { name: twice, image: "again" },
  ];
  const order = names.toReversed().map((name) => ({ name }));
  const original = { spec: { containers, initContainers: containers, volumes: undefined } };
  const before = structuredClone(original);
  const patch = {
    spec: {
      containers: patched,
      ephemeralContainers: patched,
      "$setElementOrder/containers": order,
      "$setElementOrder/ephemeralContainers": order,
      "$setElementOrder/initContainers": order,
    },
  };
  const work = strategicMergeInSteps(schemaModel, POD, original, patch);
  let steps = 0;
  let next = work.next();
  for (; !next.done; next = work.next()) steps++;
  assert.ok(steps >= names.length, `${steps} steps`);
  assert.deepEqual(original, before, "what was there is as it was");
  const { spec } = next.value as { spec: Record<string, Json[]> };
  const after = { name: "e", value: "after" };
  const expected = names.flatMap((name, index): Json[] => {
    const image = name === twice ? "again" : "after";
    if (index < 300) return [{ name, image: "before", env: environment }];
    if (name === gone) return [];
    return [{ name, image, env: index < 400 ? [{ name: "f" }, after] : [after] }];
  });
  assert.deepEqual(spec.containers, expected.toReversed());
  assert.deepEqual(spec.initContainers, containers.toReversed());
  // Into nothing nothing is merged.
  const added = spec.ephemeralContainers ?? [];
  assert.equal(added.length, patched.length - 1);
  assert.ok(added.every((item) => !("command" in item) && !("$setElementOrder/env" in item)));
  assert.equal(added[0]?.name, names.at(-1));
});
