import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  normalizeQuantity,
  parseQuantity,
  type Quantity,
  subtractQuantities,
  toMillis,
  toUnits,
} from "./quantity.ts";

function read(text: string | number): Quantity {
  const quantity = parseQuantity(text);
  assert.ok(quantity, `"${text}" is a quantity`);
  return quantity;
}

test("writes quantities in Kubernetes' canonical form", () => {
  const table: readonly (readonly [string | number, string])[] = [
    ["0", "0"],
    ["0Gi", "0"],
    ["0.5", "500m"],
    [0.5, "500m"],
    ["1500m", "1500m"],
    ["1000m", "1"],
    ["1.5Gi", "1536Mi"],
    ["2048Mi", "2Gi"],
    ["1023Ki", "1023Ki"],
    ["1Ki", "1Ki"],
    ["0.5Ki", "512"],
    ["1.1Ki", "1126400m"],
    ["100k", "100k"],
    ["1000k", "1M"],
    ["1e3", "1e3"],
    ["1500e3", "1500e3"],
    ["1E6", "1e6"],
    ["12e2", "1200"],
    ["1E", "1E"],
    [".1", "100m"],
    ["5.", "5"],
    ["-5", "-5"],
    ["+1", "1"],
    ["1n", "1n"],
    ["0.1n", "1n"],
    ["128974848", "128974848"],
  ];
  for (const [text, canonical] of table) assert.equal(formatQuantity(read(text)), canonical, String(text));
});

test("keeps a text that upstream keeps, and writes others canonically", () => {
  const table: readonly (readonly [string | number, string])[] = [
    ["0.5", "500m"],
    ["1.500", "1.500"],
    ["0.500", "500m"],
    ["683088.523G", "683088.523G"],
    ["+1", "+1"],
    ["1000m", "1"],
    ["1025Ki", "1025Ki"],
    ["2048Mi", "2Gi"],
    ["0", "0"],
    [2, "2"],
  ];
  for (const [text, served] of table) assert.equal(normalizeQuantity(text), served, String(text));
  assert.equal(normalizeQuantity("x"), undefined);
});

test("refuses what is no quantity", () => {
  for (const text of ["", "a", "1.2.3", "1Kii", "1 Gi", "Gi", "--1", "1e", "1ee3", "0x10", "1".repeat(65)]) {
    assert.equal(parseQuantity(text), undefined, text);
  }
});

test("rounds up to units and thousandths", () => {
  assert.equal(toUnits(read("1500m")), 2n);
  assert.equal(toUnits(read("1Gi")), 1_073_741_824n);
  assert.equal(toMillis(read("0.25")), 250n);
  assert.equal(toMillis(read("1u")), 1n);
});

const quantities = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.constantFrom<Quantity["format"]>("decimal", "binary", "exponent"))
  .map(([nanos, format]): Quantity => ({ nanos, format }));

test("reads back what it wrote, at the same value and in the same words", () => {
  fc.assert(
    fc.property(quantities, (quantity) => {
      const text = formatQuantity(quantity);
      const again = read(text);
      assert.equal(again.nanos, quantity.nanos);
      assert.equal(formatQuantity(again), text);
    }),
  );
});

test("adds, takes away and compares exactly", () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const sum = addQuantities(a, b);
      assert.equal(compareQuantities(subtractQuantities(sum, b), a), 0);
      assert.equal(compareQuantities(sum, a), b.nanos === 0n ? 0 : 1);
      assert.equal(compareQuantities(a, b) + compareQuantities(b, a), 0);
    }),
  );
});
