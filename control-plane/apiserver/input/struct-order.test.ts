import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { firstOfStruct } from "./struct-order.ts";

const at = (field: string) => ({ field });
const first = (definition: string, ...fields: readonly string[]) =>
  firstOfStruct(schemaModel, definition, fields.map(at))?.field;

test("finds what stands first in upstream's types, however the object was written", () => {
  assert.equal(first("io.k8s.api.coordination.v1.Lease", "spec.renewTime", "spec.acquireTime"), "spec.acquireTime");
  const pod = (name: string) => `spec.template.spec.${name}`;
  const deployment = "io.k8s.api.apps.v1.Deployment";
  assert.equal(
    first(deployment, pod("containers[0].image"), pod("initContainers[0].image")),
    pod("initContainers[0].image"),
  );
  assert.equal(first(deployment, pod("containers[1].name"), pod("containers[0].image")), pod("containers[0].image"));
});

test("leaves keys of a map as they were written", () => {
  const key = (name: string) => `metadata.labels.${name}`;
  assert.equal(first("io.k8s.api.core.v1.Pod", key("b"), key("a")), key("b"));
  assert.equal(first("io.k8s.api.core.v1.Pod"), undefined);
});
