// Test support: Things, whose schema has every sort of list and map that fields can be owned in, and objects of it at random.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import fc from "fast-check";
import { type FieldSet, listPaths } from "./field-set.ts";
import type { JsonObject } from "./ownership.ts";
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
export const thingShape = shapeOfDefinition(model, "Thing");

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
export const thingArbitrary = specArbitrary.chain((spec) =>
  fc.record({ labels: record(word), child: specArbitrary }).map(
    ({ labels, child }): JsonObject => ({
      apiVersion: "v1",
      kind: "Thing",
      metadata: { name: "x", labels },
      spec: { ...spec, child },
    }),
  ),
);

/** As whole texts, to be compared as sets. */
export const pathTexts = (set: FieldSet): ReadonlySet<string> => new Set(listPaths(set).map((each) => each.join("/")));
