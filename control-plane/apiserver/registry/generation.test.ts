import assert from "node:assert/strict";
import { test } from "node:test";
import { deploymentKind } from "@atoll/api/apps/deployment/kind";
import { endpointSliceKind } from "@atoll/api/discovery/endpoint-slice/kind";
import { noteEmpty } from "@atoll/api/meta/said-empty";
import { networkPolicyKind } from "@atoll/api/networking/network-policy/kind";
import type { KubeObject } from "@atoll/api/resource";
import { priorityClassKind } from "@atoll/api/scheduling/priority-class/kind";
import { type CountingKind, raisesGeneration } from "./generation.ts";

function object(fields: object): KubeObject {
  return { kind: "", apiVersion: "", metadata: {}, ...fields };
}

const saidEmpty = {};
noteEmpty(saidEmpty, "ingress", []);

test("raises the generation with what each kind counts", () => {
  const table: readonly (readonly [kind: CountingKind, changed: object, raises: boolean])[] = [
    [deploymentKind, { spec: { replicas: 2 } }, true],
    [deploymentKind, { metadata: { annotations: { a: "b" } } }, true],
    [deploymentKind, { metadata: { annotations: {} } }, false],
    [deploymentKind, { metadata: { labels: { a: "b" } } }, false],
    [deploymentKind, { status: { replicas: 2 } }, false],
    [{ countsGenerations: true, hasStatus: false }, { status: { replicas: 2 } }, true],
    [endpointSliceKind, { metadata: { labels: { a: "b" } } }, true],
    [endpointSliceKind, { ports: [] }, true],
    [endpointSliceKind, { metadata: { annotations: { a: "b" } } }, false],
    [networkPolicyKind, { spec: saidEmpty }, true],
    [deploymentKind, { spec: saidEmpty }, false],
    [priorityClassKind, { description: "changed" }, false],
  ] as const;
  for (const [kind, changed, raises] of table) {
    const old = "spec" in changed && changed.spec === saidEmpty ? { spec: {} } : {};
    assert.equal(raisesGeneration(kind, object(changed), object(old)), raises, JSON.stringify(changed));
  }
});
