import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import { kinds } from "@atoll/api/kinds";
import { doAtOnce } from "@atoll/base/steps";
import { readFields } from "../protobuf/wire-reader.ts";
import { encodeDocument } from "./document-protobuf.ts";
import { OpenApiDocuments } from "./openapi-documents.ts";

/** What stands at a path of field numbers, wherever a number stands more than once: all of it. */
function at(bytes: Uint8Array, ...numbers: readonly number[]): Uint8Array[] {
  const [first, ...rest] = numbers;
  if (first === undefined) return [bytes];
  return [...readFields(bytes)]
    .filter(({ number }) => number === first)
    .flatMap(({ value }) => (value.type === "bytes" ? at(value.value, ...rest) : []));
}

function textAt(bytes: Uint8Array, ...numbers: readonly number[]): string[] {
  return at(bytes, ...numbers).map((text) => Buffer.from(text).toString());
}

test("a schema in protobuf has its type, its properties in order and its extensions as texts", () => {
  const bytes = doAtOnce(
    encodeDocument({
      swagger: "2.0",
      info: { title: "T", version: "1" },
      paths: {},
      definitions: {
        Thing: {
          type: "object",
          required: ["a"],
          properties: {
            a: { type: "array", items: { $ref: "#/definitions/Other" }, default: [] },
            b: { type: "object", additionalProperties: { type: "integer", maximum: 3.5, maxLength: 300 } },
            "x-own": { type: "string", enum: ["x", "y"] },
          },
          "x-kubernetes-group-version-kind": [{ group: "", kind: "Thing", version: "v1" }],
        },
      },
    }),
  );
  assert.deepEqual(textAt(bytes, 1), ["2.0"]);
  assert.deepEqual(textAt(bytes, 2, 1), ["T"]);
  const [schema = new Uint8Array()] = at(bytes, 9, 1, 2);
  assert.deepEqual(textAt(bytes, 9, 1, 1), ["Thing"]);
  assert.deepEqual(textAt(schema, 22, 1), ["object"]);
  assert.deepEqual(textAt(schema, 19), ["a"]);
  assert.deepEqual(textAt(schema, 25, 1, 1), ["a", "b", "x-own"]);
  assert.deepEqual(textAt(schema, 25, 1, 2, 23, 1, 1), ["#/definitions/Other"]);
  assert.deepEqual(textAt(schema, 25, 1, 2, 5, 2), ["[]\n"]);
  assert.deepEqual(textAt(schema, 25, 1, 2, 21, 1, 22, 1), ["integer"]);
  assert.deepEqual(textAt(schema, 25, 1, 2, 20, 2), ['"x"\n', '"y"\n']);
  const [limits = new Uint8Array()] = at(schema, 25, 1, 2, 21, 1);
  const numbers = [...readFields(limits)].map(({ number, value }) => [number, Number(value.value)]);
  assert.deepEqual(numbers.slice(0, 2), [
    [7, 3.5],
    [11, 300],
  ]);
  assert.deepEqual(textAt(schema, 31, 1), ["x-kubernetes-group-version-kind"]);
  assert.deepEqual(textAt(schema, 31, 2, 2), ['[{"group":"","kind":"Thing","version":"v1"}]\n']);
});

test("the whole document in protobuf has every path and every definition", () => {
  const document = JSON.parse(doAtOnce(new OpenApiDocuments(schemaModel, kinds).version2()).body);
  const bytes = doAtOnce(encodeDocument(document));
  assert.deepEqual(textAt(bytes, 8, 2, 1), Object.keys(document.paths));
  assert.deepEqual(textAt(bytes, 9, 1, 1), Object.keys(document.definitions));
  const operations = Object.values<Record<string, object>>(document.paths).filter((path) => "patch" in path);
  assert.equal(at(bytes, 8, 2, 2, 8).length, operations.length);
  assert.deepEqual(textAt(bytes, 13, 1, 2, 2, 1), ["apiKey"]);
});

test("what a document has and the messages have not is refused, not left out", () => {
  assert.throws(() => doAtOnce(encodeDocument({ swagger: "2.0", host: "example.com" })), /no field "host"/);
});
