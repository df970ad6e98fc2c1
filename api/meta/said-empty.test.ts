import assert from "node:assert/strict";
import { test } from "node:test";
import { carryNotes, emptiesOf, holdsSaidEmpty, isSaidEmpty, markNoted, noteEmpty, shownField } from "./said-empty.ts";
import { validateTemplateMetadata } from "./template-metadata.ts";

test("a copy of a whole object knows what was said of the first", () => {
  const object = { spec: { items: [{ a: 1 }, {}] } };
  noteEmpty(object.spec.items[1] ?? {}, "b", []);
  const stranger = structuredClone(object);
  carryNotes(object, stranger);
  assert.equal(emptiesOf(stranger.spec.items[1] ?? {}), undefined);
  markNoted(object);
  const copy = structuredClone(object);
  carryNotes(object, copy);
  assert.equal(isSaidEmpty(copy.spec.items[1] ?? {}, "b"), true);
});

test("what a default has filled was not said to be empty", () => {
  const object: Record<string, unknown> = {};
  noteEmpty(object, "a", []);
  assert.equal(holdsSaidEmpty({ object }), true);
  object.a = ["b"];
  assert.equal(isSaidEmpty(object, "a") || holdsSaidEmpty({ object }), false);
});

test("a field is shown as it is, as it was said, or as nothing", () => {
  const object = { a: 1 };
  noteEmpty(object, "b", {});
  assert.deepEqual(
    ["a", "b", "c"].map((field) => shownField(object, field)),
    [1, {}, null],
  );
});

test("what a template must not say it must not say to be empty either", () => {
  const metadata = { labels: { a: "b" } };
  noteEmpty(metadata, "finalizers", []);
  assert.deepEqual(
    validateTemplateMetadata({ ...metadata, deletionGracePeriodSeconds: 0 }, "m").map(({ field }) => field),
    ["m.deletionGracePeriodSeconds"],
  );
  assert.deepEqual(
    validateTemplateMetadata(metadata, "m").map(({ field }) => field),
    ["m.finalizers"],
  );
});
