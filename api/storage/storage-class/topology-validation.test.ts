import assert from "node:assert/strict";
import { test } from "node:test";
import { topologyWarnings, validateTopologies } from "./topology-validation.ts";

const term = (...expressions: readonly (readonly [string, ...string[]])[]) => ({
  matchLabelExpressions: expressions.map(([key, ...values]) => ({ key, values })),
});
const fieldsOf = (...terms: Parameters<typeof validateTopologies>[0]) =>
  validateTopologies(terms).map(
    ({ field, type }) => `${field.replace("matchLabelExpressions", "m")} ${type.slice(10)}`,
  );

test("terms name keys and values, each of them once", () => {
  assert.deepEqual(fieldsOf(term(["a", "x", "y"], ["b", "z"]), term(["a", "x"])), []);
  assert.deepEqual(fieldsOf({}), ["allowedTopologies[0].m Duplicate"]);
  assert.deepEqual(fieldsOf(term(["a"])), ["allowedTopologies[0].m[0].values Required"]);
  assert.deepEqual(fieldsOf(term(["a", "x", "x"])), ["allowedTopologies[0].m[0].values[1] Duplicate"]);
  assert.deepEqual(fieldsOf(term(["a", "x"], ["a", "y"])), ["allowedTopologies[0].m[1].key Duplicate"]);
  assert.deepEqual(fieldsOf(term(["a", "x", "y"]), term(["a", "y", "x"])), ["allowedTopologies[1].m Duplicate"]);
});

test("old labels are told their new names", () => {
  const [warning = ""] = topologyWarnings([term(["failure-domain.beta.kubernetes.io/zone", "x"])]);
  assert.match(
    warning,
    /^allowedTopologies\[0\].*\.key: deprecated since v1.17; use "topology.kubernetes.io\/zone" instead$/,
  );
});
