import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetadata } from "./metadata-bytes.ts";

test("reads metadata out of an object's bytes, whatever stands in it", () => {
  const hard = { name: 'ä}{"\\', labels: { a: "}", "b\\": "{" }, annotations: { json: '{"metadata":{}}', end: "\\" } };
  for (const metadata of [hard, {}, { ownerReferences: [{ uid: "u" }, { uid: "v" }], finalizers: [] }]) {
    const object = { kind: "A", apiVersion: "v1", metadata, data: { metadata: "{" } };
    assert.deepEqual(parseMetadata(Buffer.from(JSON.stringify(object))), metadata);
  }
});
