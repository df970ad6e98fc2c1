import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, EnvVarSource, Pod } from "@atoll/api/generated/types";
import { containerEnvironment } from "./container-environment.ts";
import type { ObjectSource } from "./object-source.ts";

const host = { hostIp: "192.0.2.1", podIp: "10.0.0.1", allocatable: { cpu: 4 } };
const metadata = { name: "m", namespace: "default" };
const source: ObjectSource = {
  configMap: async () => ({ metadata, data: { a: "1" } }),
  secret: async () => ({ metadata, data: { a: "MQ==" } }),
};

async function variableFrom(valueFrom: EnvVarSource): Promise<string | undefined> {
  const container: Container = { name: "c", image: "i", env: [{ name: "V", valueFrom }] };
  const pod: Pod = { metadata: { ...metadata, labels: { app: "web" } }, spec: { containers: [container] } };
  return (await containerEnvironment(pod, container, { source, host })).get("V");
}

test("finds the keys, labels and resources that are there, by whatever name they are asked for", async () => {
  assert.equal(await variableFrom({ configMapKeyRef: { name: "m", key: "a" } }), "1");
  assert.equal(await variableFrom({ secretKeyRef: { name: "m", key: "a" } }), "1");
  assert.equal(await variableFrom({ fieldRef: { fieldPath: "metadata.labels['app']" } }), "web");
  assert.equal(await variableFrom({ resourceFieldRef: { resource: "limits.cpu" } }), "4");
  for (const key of ["b", "constructor", "toString", "__proto__"]) {
    await assert.rejects(variableFrom({ configMapKeyRef: { name: "m", key } }), /couldn't find key/);
    await assert.rejects(variableFrom({ secretKeyRef: { name: "m", key } }), /couldn't find key/);
    assert.equal(await variableFrom({ secretKeyRef: { name: "m", key, optional: true } }), undefined);
    assert.equal(await variableFrom({ fieldRef: { fieldPath: `metadata.labels['${key}']` } }), "");
    assert.equal(await variableFrom({ resourceFieldRef: { resource: `limits.${key}` } }), "0");
  }
});
