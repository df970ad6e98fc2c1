import assert from "node:assert/strict";
import { test } from "node:test";
import type { FieldError } from "../kind.ts";
import { required } from "./field-error.ts";
import { allFaults, checkEach, FAULTS_LENGTH_MAX, faultsInSteps } from "./long-checks.ts";

const numbers = (length: number) => Array.from({ length }, (_, index) => index);

/** Faults of some items, and before and behind them others. */
function check(items: readonly number[], inside: readonly number[]): FieldError[] {
  const seen = new Set<number>();
  const faults = checkEach(items, (item, index) => {
    if (seen.has(item)) return [required(`twice ${index}`)];
    seen.add(item);
    return item % 3 === 0 ? checkEach(inside, (part) => (part % 7 === 0 ? [required(`${item}.${part}`)] : [])) : [];
  });
  return [required("first"), ...faults, required("last")];
}

test("finds in long lists what it finds in short ones, in the same order", () => {
  for (const [length, inside] of [
    [20, 20],
    [20, 500],
    [500, 20],
    [500, 500],
  ] as const) {
    const items = [...numbers(length), 1];
    const expected = [
      "first",
      ...items.flatMap((item) =>
        (item % 3 === 0 ? numbers(inside).filter((part) => part % 7 === 0) : []).map((part) => `${item}.${part}`),
      ),
      `twice ${length}`,
      "last",
    ];
    const faults = check(items, numbers(inside));
    assert.deepEqual(
      allFaults(faults).map(({ field }) => field),
      expected,
    );
    let steps = 0;
    const work = faultsInSteps(check(items, numbers(inside)));
    for (let next = work.next(); ; next = work.next()) {
      if (next.done) {
        assert.deepEqual(
          next.value.map(({ field }) => field),
          expected,
        );
        break;
      }
      steps++;
    }
    assert.ok(length < 500 || steps >= length, `${steps} steps of ${length} items`);
  }
});

test("costs a list of ordinary length nothing", () => {
  const faults = check(numbers(10), numbers(10));
  assert.ok(Array.isArray(faults));
  const { done, value } = faultsInSteps(faults).next();
  assert.equal(done, true);
  assert.equal(value, faults);
});

test("looks for no more faults than anybody can read", () => {
  const long = required("x");
  const faults = checkEach(numbers(1000), () => [{ ...long, message: "x".repeat(FAULTS_LENGTH_MAX / 2) }]);
  const work = faultsInSteps(faults);
  let next = work.next();
  while (!next.done) next = work.next();
  assert.equal(next.value.length, 3);
});
