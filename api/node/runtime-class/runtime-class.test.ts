import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeClassKind } from "./kind.ts";

const faultsOf = (more: object) =>
  (runtimeClassKind.validateCreate?.({ metadata: { name: "a" }, handler: "h", ...more }) ?? []).map(
    ({ field, message }) => `${field}: ${message}`,
  );

test("the overhead is checked as the limits of a container, to the thousandth", () => {
  assert.deepEqual(faultsOf({ overhead: { podFixed: { "a/b": "0.9999999", cpu: "1.5" } } }), []);
  assert.deepEqual(faultsOf({ overhead: { podFixed: { pods: "1500m", "hugepages-2Mi": "1" } } }), [
    'overhead.limits[pods]: Invalid value: "pods": must be a standard resource for containers',
    'overhead.limits[pods]: Invalid value: "1500m": must be an integer',
    'overhead.limits[hugepages-2Mi]: Invalid value: "1": 1 is not positive integer multiple of hugepages-2Mi',
    "overhead: Forbidden: HugePages require cpu or memory",
  ]);
});

test("tolerations that differ in nothing but their time are one", () => {
  const toleration = { key: "a", operator: "Exists", effect: "NoExecute" };
  const tolerations = [toleration, { ...toleration, tolerationSeconds: 5 }];
  assert.match(faultsOf({ scheduling: { tolerations } }).join(), /^scheduling\.tolerations\[1\]: Duplicate value: /);
});
