import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import fc from "fast-check";
import { compareInSteps, compareTyped } from "./compare-typed.ts";
import { type FieldSet, listPaths } from "./field-set.ts";
import { describePath } from "./path-element.ts";
import { shapeOfDefinition } from "./shape.ts";
import { pathTexts, thingArbitrary, thingShape } from "./test-things.ts";

describe("comparing", () => {
  test("finds nothing between an object and itself, and tells added from removed both ways", () => {
    fc.assert(
      fc.property(thingArbitrary, thingArbitrary, (left, right) => {
        const none = compareTyped(thingShape, left, structuredClone(left));
        assert.deepEqual(none, { removed: {}, modified: {}, added: {} });
        const there = compareTyped(thingShape, left, right);
        const back = compareTyped(thingShape, right, left);
        assert.deepEqual(pathTexts(there.added), pathTexts(back.removed));
        assert.deepEqual(pathTexts(there.modified), pathTexts(back.modified));
      }),
    );
  });

  test("finds in long lists what it finds in short ones, in steps", () => {
    const listOf = (names: readonly string[], value: string) => names.map((name) => ({ name, value, tags: [name] }));
    const names = Array.from({ length: 900 }, (_, index) => `n${index}`);
    const [old, both, twice] = [names.slice(0, 300), names.slice(300, 600), names.slice(898)];
    const left = { spec: { items: listOf([...old, ...both], "before") } };
    const right = { spec: { items: [...listOf(names.slice(300), "after"), ...listOf(twice, "after")], set: names } };
    const item = (name: string) => `.spec.items[name="${name}"]`;
    const inside = (name: string) => [item(name), `${item(name)}.name`, `${item(name)}.value`, `${item(name)}.tags`];
    const whole = (name: string) => [...inside(name), `${item(name)}.tags[="${name}"]`];
    const expected = {
      removed: old.flatMap(whole),
      modified: both.map((name) => `${item(name)}.value`),
      added: [
        ...names.slice(600, 898).flatMap(whole),
        ...twice.map(item),
        ...[".spec.set", ...names.map((name) => `.spec.set[="${name}"]`)],
      ],
    };
    const described = (set: FieldSet) => listPaths(set).map(describePath).sort();
    const work = compareInSteps(thingShape, left, right);
    let steps = 0;
    let next = work.next();
    for (; !next.done; next = work.next()) steps++;
    const { removed, modified, added } = next.value;
    assert.deepEqual(described(removed), expected.removed.sort());
    assert.deepEqual(described(modified), expected.modified.sort());
    assert.deepEqual(described(added), expected.added.sort());
    assert.ok(steps >= names.length, "others can have their turn between the items");
  });

  test("finds in a new struct that says nothing what upstream always shows of it", () => {
    const event = shapeOfDefinition(schemaModel, "io.k8s.api.core.v1.Event");
    const { added } = compareTyped(event, {}, { series: {} });
    assert.deepEqual(added, { "f:series": { ".": {}, "f:lastObservedTime": {} } });
  });

  test("takes a struct that upstream always has for there, and a list that it always has for null", () => {
    const deployment = shapeOfDefinition(schemaModel, "io.k8s.api.apps.v1.Deployment");
    const strategy = { type: "Recreate" };
    const { added } = compareTyped(deployment, {}, { spec: { strategy, selector: { matchLabels: { a: "b" } } } });
    assert.deepEqual(added, { "f:spec": { "f:strategy": { "f:type": {} } } });
    const role = shapeOfDefinition(schemaModel, "io.k8s.api.rbac.v1.Role");
    const { added: rules, modified } = compareTyped(role, {}, { rules: [{ verbs: ["get"], apiGroups: [""] }] });
    assert.deepEqual([rules, modified], [{}, { "f:rules": {} }]);
  });
});
