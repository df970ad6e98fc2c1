// Every definition there is a message for, with values of every shape the schema allows: what was written reads the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FIELD_NUMBERS } from "@atoll/api/facts/field-numbers";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { Schema } from "@atoll/api/schema";
import { type Random, randomName, seededRandom } from "@atoll/base/random";
import { decodeProtobufBody } from "./decode-protobuf.ts";
import { schemaUnion } from "./json-schema-unions.ts";
import { encoderOf } from "./message-encoder.ts";
import { hasMessage, messageFields } from "./message-fields.ts";

const SEED = Number(process.env.ATOLL_TEST_SEED ?? 36);
const ROUNDS = 4;
/** How likely a field is there, by its depth: some definitions have fifty fields that have fifty fields. */
const LIKELIHOODS = [0.8, 0.4, 0.15, 0.1];
const DEPTH_MAX = LIKELIHOODS.length;
const TYPE = { apiVersion: "example/v1", kind: "Example" };

/** Makes objects up. Zeros are made only where they are told from nothing. */
class Inventor {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  object(definition: string, depth: number): Record<string, unknown> {
    const properties = schemaModel.definitions[definition]?.properties ?? {};
    return Object.fromEntries(
      encodedFields(definition)
        .filter(({ name }) => name in properties && this.#random.float() < (LIKELIHOODS[depth] ?? 0))
        .map(({ name, isZeroMeant }) => [name, this.#value(properties[name] ?? {}, { depth, isZeroMeant })]),
    );
  }

  #value(schema: Schema, place: { depth: number; isZeroMeant: boolean }): unknown {
    const resolved = schema.ref === undefined ? schema : (schemaModel.definitions[schema.ref] ?? {});
    const inner = { ...place, isZeroMeant: true };
    if (resolved.type === "array") return this.#some(() => this.#value(resolved.items ?? {}, inner));
    if (resolved.additionalProperties) {
      const entry = resolved.additionalProperties;
      return Object.fromEntries(this.#some(() => [this.#text(), this.#value(entry, inner)]));
    }
    switch (resolved.format) {
      case "byte":
        return Buffer.from(this.#random.bytes(1 + this.#below(40))).toString("base64");
      case "date-time":
        return `20${10 + this.#below(80)}-0${1 + this.#below(9)}-1${this.#below(10)}T0${this.#below(10)}:59:0${this.#below(10)}Z`;
      case "date-time-micro":
        return `2026-01-0${1 + this.#below(9)}T00:00:00.${String(this.#below(1e6)).padStart(6, "0")}Z`;
      case "quantity":
        return `${1 + this.#below(900)}${["", "m", "Mi", "k"][this.#below(4)]}`;
      case "int-or-string":
        return this.#below(2) === 0 ? this.#integer(place.isZeroMeant) : `${this.#below(100)}%`;
    }
    switch (resolved.type) {
      case "string":
        return place.isZeroMeant && this.#below(6) === 0 ? "" : this.#text();
      case "boolean":
        return place.isZeroMeant ? this.#below(2) === 0 : true;
      case "integer":
        return this.#integer(place.isZeroMeant);
      case "number":
        return (this.#random.float() - 0.5) * 1000;
    }
    return this.#structure(schema.ref, place.depth);
  }

  #structure(definition: string | undefined, depth: number): unknown {
    if (schemaUnion(definition)) return this.#union(definition ?? "", depth);
    if (definition !== undefined && hasMessage(definition)) {
      return depth < DEPTH_MAX ? this.object(definition, depth + 1) : {};
    }
    return { [this.#text()]: [this.#text(), this.#integer(true), null, { deep: true }] };
  }

  #union(definition: string, depth: number): unknown {
    const schema = () => (depth < DEPTH_MAX ? this.object(definition.replace(/Or\w+$/, ""), depth + 1) : {});
    if (this.#below(2) === 0) return schema();
    if (definition.endsWith("Bool")) return this.#below(2) === 0;
    return this.#some(() => (definition.endsWith("OrArray") ? schema() : this.#text()));
  }

  #integer(mayBeZero: boolean): number {
    const digits = this.#below(12);
    const value = Math.floor(this.#random.float() * 10 ** digits) * (this.#below(3) === 0 ? -1 : 1);
    return value !== 0 ? value : mayBeZero ? 0 : 7;
  }

  #text(): string {
    const text = randomName(this.#random, 1 + this.#below(12));
    return [text, `${text} ünïcode ✓ 𝕏`, text.repeat(30), `${text.repeat(12)}é`][this.#below(4)] ?? text;
  }

  #some<T>(make: () => T): T[] {
    return Array.from({ length: 1 + this.#below(3) }, make);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.float() * limit);
  }
}

/** With those of embedded messages, which stand in the object itself. */
function encodedFields(definition: string): readonly { readonly name: string; readonly isZeroMeant: boolean }[] {
  return messageFields(definition).flatMap((field) => (field.isEmbedded ? encodedFields(field.name) : [field]));
}

test("what is written as protobuf reads the same, for every definition", () => {
  const encoder = encoderOf(schemaModel);
  const definitions = Object.keys(FIELD_NUMBERS).filter((name) => name in schemaModel.definitions);
  assert.ok(definitions.length > 400, "the table of numbers is nearly empty");
  const inventor = new Inventor(seededRandom(SEED));
  for (const definition of definitions) {
    for (let round = 0; round < ROUNDS; round++) {
      const object = inventor.object(definition, 0);
      const { body } = encoder.encode(TYPE, definition, object);
      const { value } = decodeProtobufBody(body, schemaModel, () => definition);
      assert.deepEqual(value, { ...TYPE, ...object }, `${definition}, round ${round}, ATOLL_TEST_SEED=${SEED}`);
    }
  }
});

test("every field of every message is in the schema model", () => {
  const strangers = Object.keys(FIELD_NUMBERS)
    .filter((definition) => definition in schemaModel.definitions)
    .flatMap((definition) => {
      const properties = schemaModel.definitions[definition]?.properties ?? {};
      return encodedFields(definition)
        .filter(({ name }) => !(name in properties))
        .map(({ name }) => `${definition}.${name}`);
    });
  assert.deepEqual(strangers, []);
});

test("every field of the schema model is in its message", () => {
  const missing = Object.keys(FIELD_NUMBERS)
    .filter((definition) => definition in schemaModel.definitions)
    .flatMap((definition) => {
      const names = new Set(encodedFields(definition).map(({ name }) => name));
      return Object.keys(schemaModel.definitions[definition]?.properties ?? {})
        .filter((name) => !names.has(name) && name !== "apiVersion" && name !== "kind")
        .map((name) => `${definition}.${name}`);
    });
  assert.deepEqual(missing, []);
});

test("what is no integer is not written", () => {
  const encoder = encoderOf(schemaModel);
  for (const replicas of [Number.POSITIVE_INFINITY, 1e300, 0.5, Number.NaN]) {
    assert.throws(() => encoder.encode(TYPE, "io.k8s.api.apps.v1.DeploymentSpec", { replicas }), RangeError);
  }
  assert.ok(encoder.encode(TYPE, "io.k8s.api.apps.v1.DeploymentSpec", { replicas: -(2 ** 31) }));
});
