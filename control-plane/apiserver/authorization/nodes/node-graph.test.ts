import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "@atoll/api/core/pod/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { kinds } from "@atoll/api/kinds";
import fc from "fast-check";
import { TestResources } from "../../test-resources.ts";
import { NodeGraph } from "./node-graph.ts";
import { objectKey, podReferences } from "./pod-references.ts";

const KINDS = kinds.filter(({ resource }) => resource === (Pod as object) || resource === (Image as object));
const NODES = ["h1", "h2", ""];
const SECRETS = ["a", "b"];

function podOf(name: string, { node, secrets }: { node: string; secrets: readonly string[] }): Pod {
  const volumes = secrets.map((secretName) => ({ name: secretName, secret: { secretName } }));
  const spec = { containers: [], volumes, serviceAccountName: "default", ...(node === "" ? {} : { nodeName: node }) };
  return { metadata: { name, namespace: "n" }, spec } as Pod; // the graph looks at nothing else
}

test("a pod refers to what its containers and volumes name, each once", () => {
  const container = {
    name: "c",
    env: [
      { name: "A", valueFrom: { secretKeyRef: { name: "env-secret", key: "k" } } },
      { name: "B", valueFrom: { configMapKeyRef: { name: "env-map", key: "k" } } },
      { name: "C", value: "plain" },
    ],
    envFrom: [{ secretRef: { name: "from-secret" } }, { configMapRef: { name: "from-map" } }],
  };
  const pod = {
    metadata: { name: "p", namespace: "n" },
    spec: {
      serviceAccountName: "account",
      imagePullSecrets: [{ name: "pull" }],
      containers: [container],
      initContainers: [{ name: "i", envFrom: [{ secretRef: { name: "init-secret" } }] }],
      ephemeralContainers: [{ name: "e", envFrom: [{ configMapRef: { name: "debug-map" } }] }],
      volumes: [
        { name: "s", secret: { secretName: "env-secret" } },
        { name: "m", configMap: { name: "volume-map" } },
        { name: "v", persistentVolumeClaim: { claimName: "claim" } },
        { name: "scratch", ephemeral: {} },
        {
          name: "p",
          projected: { sources: [{ secret: { name: "projected" } }, { configMap: { name: "kube-root-ca.crt" } }] },
        },
        { name: "d", csi: { driver: "d", nodePublishSecretRef: { name: "publish" } } },
      ],
      resourceClaims: [{ name: "gpu", resourceClaimName: "device" }],
    },
  } as unknown as Pod; // only the fields that matter
  assert.deepEqual([...podReferences(pod)].sort(), [
    "configmaps/n/debug-map",
    "configmaps/n/env-map",
    "configmaps/n/from-map",
    "configmaps/n/kube-root-ca.crt",
    "configmaps/n/volume-map",
    "persistentvolumeclaims/n/claim",
    "persistentvolumeclaims/n/p-scratch",
    "resourceclaims/n/device",
    "secrets/n/env-secret",
    "secrets/n/from-secret",
    "secrets/n/init-secret",
    "secrets/n/projected",
    "secrets/n/publish",
    "secrets/n/pull",
    "serviceaccounts/n/account",
  ]);
});

test("mirror pods give their host nothing, images the secrets of their pull", async () => {
  await using resources = await TestResources.start(KINDS);
  const graph = new NodeGraph(resources.table);
  const mirror = podOf("mirror", { node: "h1", secrets: ["a"] });
  mirror.metadata.annotations = { "kubernetes.io/config.mirror": "x" };
  await resources.put(Pod, mirror);
  const spec = { reference: "r", hostName: "h2", pullSecrets: ["pull"] };
  await resources.put(Image, { metadata: { name: "i", namespace: "n" }, spec });
  assert.equal(await graph.isRelatedNewest("h1", objectKey("secrets", "n", "a")), false);
  assert.equal(graph.isRelated("h1", objectKey("pods", "n", "mirror")), true);
  assert.equal(graph.isRelated("h2", objectKey("secrets", "n", "pull")), true);
  assert.equal(graph.isRelated("h1", objectKey("secrets", "n", "pull")), false);
  await resources.put(Image, { metadata: { name: "i", namespace: "n" }, spec: { ...spec, hostName: "h1" } });
  assert.equal(await graph.isRelatedNewest("h2", objectKey("secrets", "n", "pull")), false);
});

test("after any history a host is related to exactly what the pods it carries refer to", async () => {
  const step = fc.record({
    name: fc.constantFrom("p", "q", "r"),
    node: fc.constantFrom(...NODES),
    secrets: fc.subarray(SECRETS),
    isGone: fc.boolean(),
    isAsked: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      await using resources = await TestResources.start(KINDS);
      const graph = new NodeGraph(resources.table);
      const pods = new Map<string, { node: string; secrets: readonly string[] }>();
      for (const { name, isGone, isAsked, ...pod } of steps) {
        if (isGone) await resources.remove(Pod, "n", name);
        else await resources.put(Pod, podOf(name, pod));
        if (isGone) pods.delete(name);
        else pods.set(name, pod);
        if (isAsked) await graph.isRelatedNewest("h1", objectKey("secrets", "n", "a"));
      }
      for (const node of ["h1", "h2"]) {
        for (const secret of SECRETS) {
          const isWanted = [...pods.values()].some((pod) => pod.node === node && pod.secrets.includes(secret));
          assert.equal(await graph.isRelatedNewest(node, objectKey("secrets", "n", secret)), isWanted);
        }
      }
    }),
    { numRuns: 60 },
  );
});
