import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { Schema, SchemaModel } from "@atoll/api/schema";
import { LeftLists } from "@atoll/base/steps";
import fc from "fast-check";
import { isDeepEqual } from "../deep-equal.ts";
import { collectFields } from "./collect-fields.ts";
import { compareInSteps, compareTyped } from "./compare-typed.ts";
import {
  differenceOf,
  EMPTY_SET,
  type FieldSet,
  intersectionOf,
  listPaths,
  readFieldSet,
  setOf,
  sortSet,
  unionOf,
  withoutSubtrees,
} from "./field-set.ts";
import { limitManagers, type Managers, NO_MANAGERS, readManagers, writeManagers } from "./managers.ts";
import { mergeTyped } from "./merge-typed.ts";
import { applyOwnership, type JsonObject, updateOwnership } from "./ownership.ts";
import { canonicalElement, describePath, keyElement } from "./path-element.ts";
import { shapeOfDefinition } from "./shape.ts";

const TEXT: Schema = { type: "string" };
const model: SchemaModel = {
  definitions: {
    Thing: {
      type: "object",
      properties: {
        apiVersion: TEXT,
        kind: TEXT,
        metadata: {
          type: "object",
          properties: { name: TEXT, labels: { type: "object", additionalProperties: TEXT } },
        },
        spec: { ref: "Spec" },
      },
    },
    Spec: {
      type: "object",
      properties: {
        text: TEXT,
        number: { type: "integer" },
        set: { type: "array", items: TEXT, listType: "set" },
        atomic: { type: "array", items: TEXT, listType: "atomic" },
        items: { type: "array", items: { ref: "Item" }, listType: "map", listMapKeys: ["name"] },
        ports: { type: "array", items: { ref: "Port" }, listType: "map", listMapKeys: ["port", "protocol"] },
        selector: { type: "object", additionalProperties: TEXT, mapType: "atomic" },
        child: { ref: "Spec" },
      },
    },
    Item: {
      type: "object",
      properties: { name: TEXT, value: TEXT, tags: { type: "array", items: TEXT, listType: "set" } },
    },
    Port: {
      type: "object",
      properties: { port: { type: "integer" }, protocol: { ...TEXT, default: "TCP" }, target: TEXT },
    },
  },
};
const shape = shapeOfDefinition(model, "Thing");
const WRITER = { apiVersion: "v1", subresource: "", time: "2026-01-01T00:00:00Z" };
const OPTIONS = { force: false, ignoredFields: EMPTY_SET };

const word = fc.constantFrom("a", "b", "c");
const record = <T>(value: fc.Arbitrary<T>) => fc.dictionary(word, value, { maxKeys: 3 });
const itemArbitrary = fc.record({ name: word, value: word, tags: fc.uniqueArray(word) }, { requiredKeys: ["name"] });
const portArbitrary = fc.record(
  { port: fc.constantFrom(80, 443), protocol: fc.constantFrom("TCP", "UDP"), target: word },
  { requiredKeys: ["port"] },
);
const specArbitrary = fc.record(
  {
    text: word,
    number: fc.integer({ min: 0, max: 2 }),
    set: fc.uniqueArray(word),
    atomic: fc.array(word, { maxLength: 2 }),
    items: fc.uniqueArray(itemArbitrary, { selector: ({ name }) => name, maxLength: 3 }),
    ports: fc.uniqueArray(portArbitrary, {
      selector: ({ port, protocol = "TCP" }) => `${port}/${protocol}`,
      maxLength: 3,
    }),
    selector: record(word),
  },
  { requiredKeys: [] },
);
const objectArbitrary = specArbitrary.chain((spec) =>
  fc.record({ labels: record(word), child: specArbitrary }).map(
    ({ labels, child }): JsonObject => ({
      apiVersion: "v1",
      kind: "Thing",
      metadata: { name: "x", labels },
      spec: { ...spec, child },
    }),
  ),
);
const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"a"}', 'v:"a"'), { minLength: 1, maxLength: 3 });
const setArbitrary = fc.array(path, { maxLength: 8 }).map(setOf);

function apply(live: JsonObject, applied: JsonObject, managers: Managers, name: string, force = false) {
  return applyOwnership(shape, { live, applied }, managers, { ...WRITER, name }, { ...OPTIONS, force });
}

function applied(live: JsonObject, configuration: JsonObject, managers: Managers, name: string, force = true) {
  const result = apply(live, configuration, managers, name, force);
  assert.ok(result.type === "applied");
  return result;
}

const texts = (set: FieldSet) => new Set(listPaths(set).map((each) => each.join("/")));

describe("field sets", () => {
  test("are what sets of paths are", () => {
    fc.assert(
      fc.property(setArbitrary, setArbitrary, (left, right) => {
        const [leftTexts, rightTexts] = [texts(left), texts(right)];
        assert.deepEqual(texts(unionOf(left, right)), leftTexts.union(rightTexts));
        assert.deepEqual(texts(intersectionOf(left, right)), leftTexts.intersection(rightTexts));
        assert.deepEqual(texts(differenceOf(left, right)), leftTexts.difference(rightTexts));
        const isBelow = (text: string) => [...rightTexts].some((root) => text === root || text.startsWith(`${root}/`));
        assert.deepEqual(texts(withoutSubtrees(left, right)), new Set([...leftTexts].filter((text) => !isBelow(text))));
      }),
    );
  });

  test("of many fields take as long as they have fields", () => {
    const paths = Array.from({ length: 30_000 }, (_, index) => ["f:data", `f:k${index}`]);
    const started = performance.now();
    assert.equal(listPaths(setOf([...paths, []])).length, paths.length);
    // A few hundredths of a second; looking through all for each would take minutes.
    assert.ok(performance.now() - started < 3000);
  });

  test("are read as they are written, whatever the order", () => {
    fc.assert(
      fc.property(setArbitrary, (set) => {
        assert.deepEqual(texts(readFieldSet(JSON.parse(JSON.stringify(set)))), texts(set));
        const sorted = sortSet(set, new LeftLists());
        assert.deepEqual(sorted, set);
        assert.equal(sortSet(sorted, new LeftLists()), sorted);
      }),
    );
    const unsorted = {
      "f:b": {},
      'k:{"port":80}': {},
      "f:a": { "f:z": {}, ".": {} },
      'k:{"port":9}': {},
      "i:2": {},
      'v:"x"': {},
    };
    assert.equal(
      JSON.stringify(sortSet(unsorted, new LeftLists())),
      '{"f:a":{".":{},"f:z":{}},"f:b":{},"k:{\\"port\\":9}":{},"k:{\\"port\\":80}":{},"v:\\"x\\"":{},"i:2":{}}',
    );
  });

  test("of many items are sorted in steps", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `n${index}`);
    const fields = { "f:b": {}, "f:a": {} };
    const set = Object.fromEntries(names.map((name) => [keyElement([["name", name]]), fields]));
    const left = new LeftLists();
    const sorted = sortSet({ "f:list": set }, left);
    assert.ok([...left.finish()].length >= names.length, "others can have their turn between the items");
    const expected = names.sort().map((name) => `${JSON.stringify(keyElement([["name", name]]))}:{"f:a":{},"f:b":{}}`);
    assert.equal(JSON.stringify(sorted), `{"f:list":{${expected.join(",")}}}`);
  });

  test("know one element by all its spellings", () => {
    assert.equal(canonicalElement('k:{ "b": 1.0, "a": "<" }'), 'k:{"a":"\\u003c","b":1}');
    assert.equal(canonicalElement("v: true"), "v:true");
    assert.equal(canonicalElement("x:unknown"), undefined);
    assert.throws(() => canonicalElement("k:[]"), SyntaxError);
    assert.throws(() => readFieldSet({ "v:{": {} }), SyntaxError);
    assert.throws(() => readFieldSet({ "f:a": 1 }), SyntaxError);
    assert.deepEqual(readFieldSet({ 'k:{"a":1}': {}, 'k:{"a":1.0}': { "f:x": {} } }), {
      'k:{"a":1}': { ".": {}, "f:x": {} },
    });
  });

  test("order items by what names them, whatever stands in it", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 6 }), fc.boolean(), (names, isLong) => {
        const elements = names.map((name) =>
          keyElement(
            isLong
              ? [
                  ["name", name],
                  ["other", 1],
                ]
              : [["name", name]],
          ),
        );
        const sorted = Object.keys(sortSet(setOf(elements.map((element) => [element])), new LeftLists()));
        assert.deepEqual(
          sorted.map((element) => JSON.parse(element.slice(2)).name),
          names.toSorted((left, right) => (left < right ? -1 : 1)),
        );
      }),
    );
  });

  test("are shown as people read paths", () => {
    assert.equal(
      describePath(["f:spec", 'k:{"name":"a","port":1}', 'v:"x"', "i:3"]),
      '.spec[name="a",port=1][="x"][3]',
    );
  });
});

describe("comparing", () => {
  test("finds nothing between an object and itself, and tells added from removed both ways", () => {
    fc.assert(
      fc.property(objectArbitrary, objectArbitrary, (left, right) => {
        const none = compareTyped(shape, left, structuredClone(left));
        assert.deepEqual(none, { removed: {}, modified: {}, added: {} });
        const there = compareTyped(shape, left, right);
        const back = compareTyped(shape, right, left);
        assert.deepEqual(texts(there.added), texts(back.removed));
        assert.deepEqual(texts(there.modified), texts(back.modified));
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
    const work = compareInSteps(shape, left, right);
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

describe("merging", () => {
  test("says all that either says, and what is applied where both do", () => {
    fc.assert(
      fc.property(objectArbitrary, objectArbitrary, (live, configuration) => {
        const merged = mergeTyped(shape, live, configuration);
        const all = texts(collectFields(shape, merged));
        for (const text of texts(collectFields(shape, configuration))) {
          // An empty map is a field of its own only while it stays empty.
          assert.ok(all.has(text) || /(labels|child|selector)$/.test(text), text);
        }
        const { modified, removed } = compareTyped(shape, configuration, merged);
        assert.deepEqual([modified, removed], [{}, {}]);
        assert.deepEqual(compareTyped(shape, live, merged).removed, {});
        assert.ok(isDeepEqual(mergeTyped(shape, merged, configuration), merged));
      }),
    );
  });

  test("keeps the order of the applied list, and the others' items where they were", () => {
    const of = (...names: string[]) => ({ spec: { items: names.map((name) => ({ name })) } });
    assert.deepEqual(mergeTyped(shape, of("a", "x", "b", "y"), of("b", "a")), of("x", "b", "y", "a"));
    assert.deepEqual(mergeTyped(shape, of("x", "a", "b"), of("a", "n", "b")), of("x", "a", "n", "b"));
  });
});

describe("applying", () => {
  test("twice is the same as once", () => {
    fc.assert(
      fc.property(objectArbitrary, objectArbitrary, (live, configuration) => {
        const before = updateOwnership(shape, { live: undefined, wanted: live }, NO_MANAGERS, {
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
      fc.property(objectArbitrary, objectArbitrary, (first, second) => {
        const one = applied({}, first, NO_MANAGERS, "me");
        const two = applied(one.object, second, one.managers, "me");
        // Empty containers that the first made stay, as upstream keeps them.
        assert.deepEqual(compareTyped(shape, second, two.object).modified, {});
        const left = listPaths(compareTyped(shape, second, two.object).added).filter(
          (each) => !/^f:/.test(each.at(-1) ?? ""),
        );
        assert.deepEqual(left, []);
      }),
    );
  });

  test("leaves every changed field with the one who changed it last", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("one", "two"), fc.boolean(), objectArbitrary), { maxLength: 5 }),
        (writes) => {
          let live: JsonObject = {};
          let managers = NO_MANAGERS;
          for (const [name, isApply, object] of writes) {
            const before = live;
            if (isApply) ({ object: live, managers } = applied(live, object, managers, name));
            else {
              managers = updateOwnership(shape, { live, wanted: object }, managers, { ...WRITER, name });
              live = object;
            }
            const changes = compareTyped(shape, before, live);
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
      fc.property(objectArbitrary, objectArbitrary, (first, second) => {
        const one = applied({}, first, NO_MANAGERS, "one");
        const two = apply(one.object, second, one.managers, "two");
        const { modified } = compareTyped(shape, one.object, mergeTyped(shape, one.object, second));
        if (two.type === "conflict") assert.notDeepEqual(modified, {});
        else assert.deepEqual(intersectionOf(collectFields(shape, first), modified), {});
      }),
    );
  });
});

describe("managers", () => {
  test("are written as they were read, in upstream's order", () => {
    const entries = [
      {
        manager: "b",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:a": {} },
      },
      {
        manager: "a",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-02T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:a": {} },
      },
      {
        manager: "a",
        operation: "Update",
        apiVersion: "v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:b": {} },
        subresource: "status",
      },
    ];
    assert.deepEqual(writeManagers(readManagers(entries.toReversed())), entries);
    assert.throws(() => readManagers([{ ...entries[0], operation: "Delete" }]), SyntaxError);
    assert.throws(() => readManagers([{ ...entries[0], fieldsType: "FieldsV2" }]), SyntaxError);
  });

  test("of updates are no more than ten: the oldest are thrown together", () => {
    const entries = Array.from({ length: 13 }, (_, index) => ({
      manager: `m${index}`,
      operation: "Update",
      apiVersion: "v1",
      time: `2026-01-01T00:00:${String(index).padStart(2, "0")}Z`,
      fieldsType: "FieldsV1",
      fieldsV1: { [`f:${index}`]: {} },
    }));
    const [oldest, ...others] = writeManagers(limitManagers(readManagers(entries))) ?? [];
    assert.equal(oldest?.manager, "ancient-changes");
    assert.deepEqual(oldest?.fieldsV1, { "f:0": {}, "f:1": {}, "f:2": {}, "f:3": {} });
    assert.deepEqual(
      others.map(({ manager }) => manager),
      ["m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12"],
    );
  });
});
