import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { decodeObject } from "@atoll/machinery/object/decoding/decode-object";
import { describeGoConversion, formatGoValue } from "./go-values.ts";

test("shows a value as Go does", () => {
  const patch = { spec: { b: [1, "x", { d: null }], a: true } };
  assert.equal(formatGoValue(patch), "map[spec:map[a:true b:[1 x map[d:<nil>]]]]");
});

test("says that a text is no base64 in the words of the reader of base64", () => {
  const [mismatch] = decodeObject(schemaModel, "io.k8s.api.core.v1.Secret", { data: { a: "abc?" } }).errors;
  assert(mismatch);
  assert.equal(describeGoConversion(mismatch), "error decoding from json: illegal base64 data at input byte 3");
});

test("says which type cannot be made of which", () => {
  const table: readonly (readonly [unknown, string])[] = [
    [{ spec: 1 }, "cannot restore struct from: int64"],
    [{ spec: { containers: "x" } }, "cannot restore slice from string"],
    [{ spec: { nodeSelector: [] } }, "cannot restore map from slice"],
    [{ spec: { hostname: 1 } }, "cannot convert int64 to string"],
    [{ spec: { hostname: 1.5 } }, "unrecognized type: string"],
    [{ spec: { hostNetwork: "yes" } }, "unrecognized type: bool"],
    [{ spec: { terminationGracePeriodSeconds: 1.5 } }, "cannot convert float64 to int64"],
  ];
  for (const [value, expected] of table) {
    const [mismatch] = decodeObject(schemaModel, "io.k8s.api.core.v1.Pod", value).errors;
    assert(mismatch, JSON.stringify(value));
    assert.equal(describeGoConversion(mismatch), expected, JSON.stringify(value));
  }
});
