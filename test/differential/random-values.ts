// Values for fields, by the schema of the field: most fit, some are close to what fits, some are nonsense. From one seed, so that
// a difference can be asked for again.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import type { Random } from "@atoll/base/random";

const DEPTH_MAX = 6;
const ITEMS_MAX = 3;

export function pick<T>(random: Random, choices: readonly T[]): T {
  if (choices.length === 0) throw new Error("There is nothing to choose from");
  return choices[Math.floor(random.float() * choices.length)] as T; // the index is within the list
}

export function chance(random: Random, probability: number): boolean {
  return random.float() < probability;
}

const WORDS = [
  ...["a", "b", "web", "app", "x-1", "example.com", "example.com/name", "kubernetes.io/x", "None", "Always", "Never"],
  ...["ClusterIP", "TCP", "UDP", "http", "cpu", "memory", "pods", "10.0.0.1", "10.0.0.0/8", "2001:db8::1", "::/0"],
  ...["", "UPPER", "under_score", "-dash", "dot.", "a".repeat(64), "a".repeat(254), "/path", "../up", "ä", "0", "true"],
] as const;
const QUANTITIES = [
  "1",
  "100m",
  "1Gi",
  "1.5Gi",
  "0",
  "-1",
  "1e3",
  "1Ki",
  "12E",
  "0.5",
  "1.0001",
  "x",
  "1 Gi",
  "",
] as const;
const INTEGERS = [
  0, 1, 2, 3, 7, 80, 443, 8080, 30_000, 65_535, 65_536, -1, 100, 101, 2_147_483_647, 2_147_483_648,
] as const;
const TIMES = [
  "2026-01-02T03:04:05Z",
  "2026-01-02T03:04:05.678901Z",
  "2026-01-02T03:04:05+02:00",
  "yesterday",
] as const;

export class RandomValues {
  readonly #model: SchemaModel;
  readonly #random: Random;

  constructor(model: SchemaModel, random: Random) {
    this.#model = model;
    this.#random = random;
  }

  /** Of the field's type, whether or not it makes sense there. */
  ofSchema(schema: Schema, depth = 0): unknown {
    const random = this.#random;
    const definition = this.resolve(schema);
    switch (definition.type) {
      case "object":
        return this.#objectOf(definition, depth);
      case "array": {
        const length = Math.floor(random.float() * (ITEMS_MAX + 1));
        return Array.from({ length }, () => this.ofSchema(definition.items ?? {}, depth + 1));
      }
      case "boolean":
        return chance(random, 0.5);
      case "integer":
      case "number":
        return pick(random, INTEGERS);
      case "string":
        return this.#stringOf(definition);
      case undefined:
        if (definition.format !== undefined) return this.#stringOf(definition);
        return pick<unknown>(random, [{}, { a: 1 }, "text", 1, null, ["a"]]);
    }
  }

  /** Of another type than the field's. */
  ofWrongType(schema: Schema): unknown {
    const { type } = this.resolve(schema);
    const others = [12, "text", true, { a: "b" }, ["a"], null, 1.5].filter((value) => typeOf(value) !== type);
    return pick<unknown>(this.#random, others);
  }

  resolve(schema: Schema): Schema {
    return schema.ref === undefined ? schema : (this.#model.definitions[schema.ref] ?? {});
  }

  #objectOf(definition: Schema, depth: number): Record<string, unknown> {
    const random = this.#random;
    const { properties, additionalProperties, required = [] } = definition;
    if (depth >= DEPTH_MAX) return {};
    if (!properties) {
      const values = additionalProperties ?? { type: "string" as const };
      const names = ["a", "b", "example.com/c"].filter(() => chance(random, 0.4));
      return Object.fromEntries(names.map((name) => [name, this.ofSchema(values, depth + 1)]));
    }
    const names = Object.keys(properties);
    // The deeper, the emptier: else every object would be as large as its schema.
    const isTaken = (name: string) => required.includes(name) || chance(random, 1.5 / (names.length + depth));
    return Object.fromEntries(
      names.filter(isTaken).map((name) => [name, this.ofSchema(properties[name] ?? {}, depth + 1)]),
    );
  }

  #stringOf({ format }: Schema): string | number {
    const random = this.#random;
    switch (format) {
      case "quantity":
        return pick(random, QUANTITIES);
      case "int-or-string":
        return pick<string | number>(random, [1, 0, "50%", "http", "101%", -1, "x y"]);
      case "date-time":
      case "date-time-micro":
        return pick(random, TIMES);
      case "byte":
        return pick(random, ["YQ==", "", "not base64!", "YWJj"]);
      default:
        return pick(random, WORDS);
    }
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  return typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
}
