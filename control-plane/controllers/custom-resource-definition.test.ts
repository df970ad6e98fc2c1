import assert from "node:assert/strict";
import { test } from "node:test";
import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { CLEANUP_FINALIZER } from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import type { Resource } from "@atoll/api/resource";
import { silentLogger } from "@atoll/base/log";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { seededRandom } from "@atoll/base/random";
import { MemoryApi } from "@atoll/machinery/client/memory-api";
import { ControllerRunner } from "@atoll/machinery/controller/controller-runner";
import { InformerSet } from "@atoll/machinery/controller/informer-set";
import { customResourceDefinitionApproval } from "./custom-resource-definition-approval.ts";
import { customResourceDefinitionCleanup } from "./custom-resource-definition-cleanup.ts";
import { customResourceDefinitionNames } from "./custom-resource-definition-names.ts";

function start(t: { after: (hook: () => void) => void }) {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const api = new MemoryApi({ clock, random });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const parts = { client: api, clock, random, log: silentLogger };
  const informers = new InformerSet(parts);
  const runner = new ControllerRunner({ ...parts, informers, eventsFor: () => ({ record: () => {} }) }, [
    customResourceDefinitionApproval,
    customResourceDefinitionNames,
    customResourceDefinitionCleanup,
  ]);
  void Promise.all([informers.run(stop.signal), runner.run(stop.signal)]);
  const conditionsOf = async (name: string) => {
    const { status } = await api.get(CustomResourceDefinition, { name });
    return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  };
  return { clock, api, conditionsOf };
}

function definitionOf(plural: string, kind: string, shortName: string): CustomResourceDefinition {
  return {
    metadata: { name: `${plural}.example.com`, finalizers: [CLEANUP_FINALIZER] },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List`, shortNames: [shortName] },
      versions: [{ name: "v1", served: true, storage: true }],
    },
  };
}

test("accepts free names, and the others when they become free", async (t) => {
  const { clock, api, conditionsOf } = start(t);
  await api.create(CustomResourceDefinition, definitionOf("tabs", "Tab", "t"));
  await clock.advance(1000);
  assert.deepEqual(await conditionsOf("tabs.example.com"), [
    "NamesAccepted=True NoConflicts",
    "Established=True InitialNamesAccepted",
  ]);
  await api.create(CustomResourceDefinition, definitionOf("trees", "Tree", "t"));
  await clock.advance(1000);
  assert.deepEqual(await conditionsOf("trees.example.com"), [
    "NamesAccepted=False ShortNamesConflict",
    "Established=False NotAccepted",
  ]);
  await api.delete(CustomResourceDefinition, { name: "tabs.example.com" });
  await clock.advance(10_000);
  assert.deepEqual(await conditionsOf("trees.example.com"), [
    "NamesAccepted=True NoConflicts",
    "Established=True InitialNamesAccepted",
  ]);
});

test("a definition goes when the last of its objects has gone", async (t) => {
  const { clock, api } = start(t);
  const resource: Resource = { group: "example.com", version: "v1", kind: "Tab", plural: "tabs", scope: "Namespaced" };
  await api.create(CustomResourceDefinition, definitionOf("tabs", "Tab", "t"));
  await clock.advance(1000);
  await api.create(resource, { metadata: { name: "free", namespace: "default" } });
  await api.create(resource, { metadata: { name: "held", namespace: "default", finalizers: ["example.com/hold"] } });
  await api.delete(CustomResourceDefinition, { name: "tabs.example.com" });
  await clock.advance(5000);
  assert.deepEqual(
    (await api.list(resource)).items.map(({ metadata }) => metadata.name),
    ["held"],
  );
  assert.equal((await api.list(CustomResourceDefinition)).items.length, 1);
  const [held] = (await api.list(resource)).items;
  assert.ok(held);
  await api.update(resource, { ...held, metadata: { ...held.metadata, finalizers: [] } });
  await clock.advance(5000);
  assert.equal((await api.list(CustomResourceDefinition)).items.length, 0);
});

test("says of definitions in Kubernetes' groups whether they were agreed to", async (t) => {
  const { clock, api, conditionsOf } = start(t);
  const definition = definitionOf("tabs", "Tab", "t");
  const metadata = { ...definition.metadata, annotations: { "api-approved.kubernetes.io": "unapproved, a trial" } };
  await api.create(CustomResourceDefinition, {
    ...definition,
    metadata: { ...metadata, name: "tabs.x.k8s.io" },
    spec: { ...definition.spec, group: "x.k8s.io" },
  });
  await clock.advance(1000);
  assert.ok(
    (await conditionsOf("tabs.x.k8s.io")).includes("KubernetesAPIApprovalPolicyConformant=False UnapprovedAnnotation"),
  );
});
