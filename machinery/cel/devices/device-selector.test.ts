import assert from "node:assert/strict";
import { test } from "node:test";
import { selectorFault } from "./device-selector.ts";

test("selectors of devices speak of drivers, attributes and capacities", () => {
  for (const text of [
    'device.driver == "gpu.example.com"',
    "device.allowMultipleAllocations",
    'device.attributes["gpu.example.com"].healthy',
    'device.attributes["gpu.example.com"].version.isGreaterThan(semver("1.0.0"))',
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("8Gi")) >= 0',
    'cel.bind(gpu, device.attributes["gpu.example.com"], gpu.fast && gpu.model.startsWith("x"))',
  ]) {
    assert.equal(selectorFault(text), undefined, text);
  }
});

test("what is none is refused in upstream's words", () => {
  const textOf = (text: string) => selectorFault(text)?.text.split("\n")[0];
  assert.equal(
    textOf("web"),
    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'web' (in container '')",
  );
  assert.equal(textOf("0"), "must evaluate to bool or the unknown type, not int");
  assert.match(textOf("cel.bind(1, true, true)") ?? "", /cel.bind\(\) variable names must be simple identifiers$/);
  assert.match(textOf("device.model") ?? "", /undefined field 'model'$/);
});

test("what could cost too much is refused", () => {
  const attributes = 'device.attributes["d"]';
  const loops = ["a", "b", "c", "e"].map((name) => `${attributes}.all(${name}, `).join("");
  assert.deepEqual(selectorFault(`${loops}a.matches(b) && c == e))))`)?.type, "tooExpensive");
});
