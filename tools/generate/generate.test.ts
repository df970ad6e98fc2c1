import assert from "node:assert/strict";
import { test } from "node:test";
import { readClientModels } from "./client-models.ts";
import { makeKubernetesSchemas } from "./kubernetes-schemas.ts";
import { writeTypeDeclarations } from "./type-declarations.ts";

const models = await readClientModels();
const schemas = makeKubernetesSchemas(models);

test("every reference in the model leads to a definition", () => {
  const text = JSON.stringify(schemas);
  for (const [, name = ""] of text.matchAll(/"ref":"([^"]+)"/g)) assert.ok(name in schemas, name);
});

test("every key that lists merge by is a field of their items", () => {
  for (const [definition, schema] of Object.entries(schemas)) {
    for (const [field, { items, listMapKeys, patchMergeKey }] of Object.entries(schema.properties ?? {})) {
      const item = items?.ref === undefined ? items : schemas[items.ref];
      const keys = [...(listMapKeys ?? []), ...(patchMergeKey === undefined ? [] : [patchMergeKey])];
      for (const key of keys) assert.ok(item?.properties && key in item.properties, `${definition}.${field} by ${key}`);
    }
  }
});

test("fields have the types that Kubernetes gives them", () => {
  const container = schemas["io.k8s.api.core.v1.Container"];
  assert.deepEqual(container?.required, ["name"]);
  assert.deepEqual(container?.properties?.ports?.items, { ref: "io.k8s.api.core.v1.ContainerPort" });
  const limits = schemas["io.k8s.api.core.v1.ResourceRequirements"]?.properties?.limits;
  assert.deepEqual(limits?.additionalProperties, { ref: "io.k8s.apimachinery.pkg.api.resource.Quantity" });
  assert.deepEqual(schemas["io.k8s.api.core.v1.Pod"]?.kinds, [{ group: "", version: "v1", kind: "Pod" }]);
  const props = schemas["io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"]?.properties;
  assert.ok(props && "$ref" in props && "x-kubernetes-list-type" in props && "default" in props);
});

test("the types of stable kinds have bare names, others carry group and version", () => {
  const text = writeTypeDeclarations(schemas);
  for (const name of ["Pod", "PodSpec", "Deployment", "Event", "EventsV1Event", "ResourceV1beta1Device"]) {
    assert.ok(text.includes(`\nexport interface ${name} {`), name);
  }
  const names = [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  assert.equal(new Set(names).size, names.length);
});
