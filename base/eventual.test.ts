import assert from "node:assert/strict";
import { test } from "node:test";
import { whenThere } from "./eventual.ts";

test("goes on at once with what is there", () => {
  assert.equal(
    whenThere(1, (value) => value + 1),
    2,
  );
  assert.throws(() =>
    whenThere(1, () => {
      throw new Error("refused");
    }),
  );
});

test("goes on later with what is not there yet", async () => {
  const later = whenThere(Promise.resolve(1), (value) => value + 1);
  assert.ok(later instanceof Promise);
  assert.equal(await later, 2);
  const refused = whenThere(Promise.resolve(1), () => {
    throw new Error("refused");
  });
  await assert.rejects(async () => refused);
});
