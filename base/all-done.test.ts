import assert from "node:assert/strict";
import { test } from "node:test";
import { allDone } from "./all-done.ts";

test("gives all results in their order", async () => {
  assert.deepEqual(await allDone([Promise.resolve(1), Promise.resolve("two")]), [1, "two"]);
});

test("tells a failure only when everything has ended", async () => {
  const slow = Promise.withResolvers<void>();
  let told = false;
  const all = allDone([Promise.reject(new Error("no")), slow.promise]).catch((error: unknown) => {
    told = true;
    return error;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told, false);
  slow.resolve();
  assert.match(String(await all), /no/);
});
