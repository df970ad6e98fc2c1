import assert from "node:assert/strict";
import { test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { BodyKind } from "./body-kind.ts";
import { parseBody } from "./parse-body.ts";
import { readObject } from "./read-object.ts";

const CONFIG_MAP: BodyKind = { apiVersion: "v1", kind: "ConfigMap", schema: "io.k8s.api.core.v1.ConfigMap" };
const OPTIONS: BodyKind = {
  ...{ apiVersion: "v1", kind: "DeleteOptions", schema: "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions" },
  isOptions: true,
};
const WIDGET: BodyKind = {
  ...{ apiVersion: "example.com/v1", kind: "Widget", schema: "Widget" },
  decode: (json) => ({ object: { ...json }, errors: [], unknownFields: [] }),
};
const NO_STRUCT =
  'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const PARSE_ERROR = "couldn't get version/kind; json parse error: ";

async function read(expected: BodyKind, text: string): Promise<unknown> {
  const read = async () => new TextEncoder().encode(text);
  const request = { headers: { "content-type": "application/json" }, body: { read } };
  // biome-ignore lint/suspicious/noExplicitAny: of a request nothing else is read.
  const body = await parseBody(request as any, schemaModel, expected);
  return readObject(schemaModel, expected, body, { fieldValidation: "Strict", warnings: [] });
}

async function faultOf(expected: BodyKind, text: string): Promise<string> {
  return read(expected, text).then(
    (object) => JSON.stringify(object),
    ({ message }) => message,
  );
}

test("says of a body that is no object what upstream says, and how it begins", async () => {
  const unrecognized = "the object provided is unrecognized (must be of type ConfigMap): ";
  const cases: readonly (readonly [text: string, fault: string])[] = [
    ["", `${PARSE_ERROR}unexpected end of JSON input (<empty>)`],
    ["{", `${PARSE_ERROR}unexpected end of JSON input ({)`],
    ["x", `${PARSE_ERROR}invalid character 'x' looking for beginning of value (78)`],
    ["\ufeff{}", `${PARSE_ERROR}invalid character 'ï' looking for beginning of value (efbbbf7b7d)`],
    ["[]", `${PARSE_ERROR}json: cannot unmarshal array into ${NO_STRUCT} (5b5d)`],
    ["12", `${PARSE_ERROR}json: cannot unmarshal number into ${NO_STRUCT} (3132)`],
    [
      '{"apiVersion":1,"kind":"ConfigMap"}',
      `${PARSE_ERROR}json: cannot unmarshal number into Go struct field .apiVersion of type string ({"apiVersion":1,"kind":"Config ...)`,
    ],
    ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})'],
  ];
  for (const [text, fault] of cases) assert.equal(await faultOf(CONFIG_MAP, text), unrecognized + fault);
});

test("fills in what a body does not say of its kind, and takes nothing for an object without fields", async () => {
  const whole = { apiVersion: "v1", kind: "ConfigMap", metadata: {} };
  for (const text of ["null", "{}", '{"apiVersion":null,"kind":""}', '{"apiVersion":""}']) {
    assert.deepEqual(await read(CONFIG_MAP, text), whole, text);
  }
});

test("wants a custom resource to say what it is", async () => {
  const start = "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in";
  assert.equal(await faultOf(WIDGET, "null"), `${start} 'null' (6e756c6c)`);
  assert.equal(await faultOf(WIDGET, '{"a":1}'), `${start} '{"a":1}' ({"a":1})`);
  assert.equal(
    await faultOf(WIDGET, '{"kind":"Widget"}'),
    "the API version in the data () does not match the expected API version (example.com/v1)",
  );
});

test("says of options what is wrong, and not of which kind they are", async () => {
  assert.equal(await faultOf(OPTIONS, "{"), `${PARSE_ERROR}unexpected end of JSON input`);
  assert.equal(await faultOf(OPTIONS, "[]"), `${PARSE_ERROR}json: cannot unmarshal array into ${NO_STRUCT}`);
  const field = "Go struct field DeleteOptions.propagationPolicy of type v1.DeletionPropagation";
  assert.equal(await faultOf(OPTIONS, '{"propagationPolicy":1}'), `json: cannot unmarshal number into ${field}`);
});
