import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isDeepEqual } from "../deep-equal.ts";
import { collectFields } from "./collect-fields.ts";
import { compareTyped } from "./compare-typed.ts";
import { differenceOf, EMPTY_SET, intersectionOf, listPaths, setOf, unionOf } from "./field-set.ts";
import { type Managers, NO_MANAGERS, writeManagers } from "./managers.ts";
import { mergeTyped } from "./merge-typed.ts";
import { applyOwnership, type JsonObject, updateOwnership } from "./ownership.ts";
import { thingArbitrary, thingShape } from "./test-things.ts";

const WRITER = { apiVersion: "v1", subresource: "", time: "2026-01-01T00:00:00Z" };
const OPTIONS = { force: false, ignoredFields: EMPTY_SET };

function apply(live: JsonObject, applied: JsonObject, managers: Managers, name: string, force = false) {
  return applyOwnership(thingShape, { live, applied }, managers, { ...WRITER, name }, { ...OPTIONS, force });
}

function applied(live: JsonObject, configuration: JsonObject, managers: Managers, name: string, force = true) {
  const result = apply(live, configuration, managers, name, force);
  assert.ok(result.type === "applied");
  return result;
}

describe("applying", () => {
  test("twice is the same as once", () => {
    fc.assert(
      fc.property(thingArbitrary, thingArbitrary, (live, configuration) => {
        const before = updateOwnership(thingShape, { live: undefined, wanted: live }, NO_MANAGERS, {
          ...WRITER,
          name: "other",
        });
        const once = applied(live, configuration, before, "me");
        const twice = applied(once.object, configuration, once.managers, "me", false);
        assert.ok(isDeepEqual(twice.object, once.object));
        assert.deepEqual(writeManagers(twice.managers), writeManagers(once.managers));
      }),
    );
  });

  test("takes away what nobody says any more: one applier's object is what he says", () => {
    fc.assert(
      fc.property(thingArbitrary, thingArbitrary, (first, second) => {
        const one = applied({}, first, NO_MANAGERS, "me");
        const two = applied(one.object, second, one.managers, "me");
        // Empty containers that the first made stay, as upstream keeps them.
        assert.deepEqual(compareTyped(thingShape, second, two.object).modified, {});
        const left = listPaths(compareTyped(thingShape, second, two.object).added).filter(
          (each) => !/^f:/.test(each.at(-1) ?? ""),
        );
        assert.deepEqual(left, []);
      }),
    );
  });

  test("leaves every changed field with the one who changed it last", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("one", "two"), fc.boolean(), thingArbitrary), { maxLength: 5 }),
        (writes) => {
          let live: JsonObject = {};
          let managers = NO_MANAGERS;
          for (const [name, isApply, object] of writes) {
            const before = live;
            if (isApply) ({ object: live, managers } = applied(live, object, managers, name));
            else {
              managers = updateOwnership(thingShape, { live, wanted: object }, managers, { ...WRITER, name });
              live = object;
            }
            const changes = compareTyped(thingShape, before, live);
            const changed = differenceOf(
              unionOf(changes.modified, changes.added),
              setOf([["f:apiVersion"], ["f:kind"]]),
            );
            for (const manager of managers.values()) {
              const isWriter = manager.name === name && (manager.operation === "Apply") === isApply;
              if (!isWriter) assert.deepEqual(intersectionOf(manager.fields, changed), {}, manager.name);
              // Nobody owns what is not there.
              assert.deepEqual(intersectionOf(manager.fields, changes.removed), {}, manager.name);
            }
          }
        },
      ),
    );
  });

  test("without force never changes what another owns", () => {
    fc.assert(
      fc.property(thingArbitrary, thingArbitrary, (first, second) => {
        const one = applied({}, first, NO_MANAGERS, "one");
        const two = apply(one.object, second, one.managers, "two");
        const { modified } = compareTyped(thingShape, one.object, mergeTyped(thingShape, one.object, second));
        if (two.type === "conflict") assert.notDeepEqual(modified, {});
        else assert.deepEqual(intersectionOf(collectFields(thingShape, first), modified), {});
      }),
    );
  });
});
