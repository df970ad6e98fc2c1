import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "../../generated/types.ts";
import { nodeKind } from "./kind.ts";

const makeNode = (fields: Partial<Node>): Node => ({ metadata: { name: "n" }, spec: {}, ...fields });
const fieldsOf = (errors: readonly { readonly field: string }[] | undefined) => errors?.map(({ field }) => field);

test("a node's blocks of addresses, amounts and taints are checked, in upstream's places", () => {
  const taint = { key: "a", effect: "NoExecute" };
  const node = makeNode({
    spec: { podCIDRs: ["10.0.0.1/24", "10.1.0.0/24"], taints: [taint, taint, { key: "-", effect: "" }] },
    status: { capacity: { "example.com/gpu": "1500m", cpu: "-1" }, declaredFeatures: ["B", "A"] },
  });
  assert.deepEqual(fieldsOf(nodeKind.validateCreate?.(node)), [
    ...["metadata.taints[1]", "metadata.taints[2].key", "metadata.taints[2].effect"],
    ...["status.capacity.example.com/gpu", "status.capacity.cpu", "status.declaredFeatures[1]"],
    ...["spec.podCIDRs[0]", "spec.podCIDRs"],
  ]);
  const shown = nodeKind.validateCreate?.(node).find(({ field }) => field === "metadata.taints[1]");
  assert.equal(shown?.valueType, "io.k8s.api.core.v1.Taint");
});

test("what a node is keeps, and its status can name no address twice", () => {
  const old = makeNode({ spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24"], providerID: "p" } });
  const address = { type: "InternalIP", address: "192.0.2.9" };
  const changed = makeNode({ spec: { externalID: "x" }, status: { addresses: [address, address] } });
  assert.deepEqual(fieldsOf(nodeKind.validateUpdate?.(changed, old)), [
    ...["status.addresses[1]", "spec.podCIDRs", "spec.providerID", "spec.externalID"],
  ]);
});

test("the older of two fields for blocks has the last word", () => {
  const node = makeNode({ spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.1.0.0/24", "2001:db8::/64"] } });
  nodeKind.applyDefaults?.(node);
  assert.deepEqual(node.spec.podCIDRs, ["10.0.0.0/24"]);
});
