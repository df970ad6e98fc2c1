// Changes an object at random places of its schema: a field set, emptied, given another type, misspelt, repeated or taken away.

import type { Schema } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import type { Random } from "@atoll/base/random";
import { chance, pick, type RandomValues } from "./random-values.ts";

type Json = Record<string, unknown>;

/** Fields that make an object what it is: changing them asks about URLs, not about kinds. */
const KEPT: ReadonlySet<string> = new Set(["apiVersion", "kind"]);
const METADATA_FIELDS = ["labels", "annotations", "finalizers", "ownerReferences", "generateName"] as const;

export class ObjectMutator {
  readonly #values: RandomValues;
  readonly #random: Random;

  constructor(values: RandomValues, random: Random) {
    this.#values = values;
    this.#random = random;
  }

  /** A changed copy; `count` places. */
  mutate(object: Json, schema: Schema, count: number): Json {
    const copy = structuredClone(object);
    for (let index = 0; index < count; index++) this.#changeIn(copy, schema, 0);
    return copy;
  }

  #changeIn(object: Json, schema: Schema, depth: number): void {
    const { properties } = this.#values.resolve(schema);
    const name = properties && this.#fieldOf(object, properties);
    const field = (name !== undefined && properties?.[name]) || {};
    const value = name === undefined ? undefined : object[name];
    const goesDeeper = chance(this.#random, 0.8);
    if (!properties) this.#changeMap(object, schema);
    else if (name === undefined) return;
    else if (depth === 0 && name === "metadata") this.#changeMetadata(object, field);
    else if (goesDeeper && isRecord(value)) this.#changeIn(value, field, depth + 1);
    else if (goesDeeper && Array.isArray(value) && value.length > 0) this.#changeList(value, field, depth);
    else this.#replace(object, name, field);
  }

  /** Mostly one that is there. */
  #fieldOf(object: Json, properties: Readonly<Record<string, Schema>>): string | undefined {
    const present = Object.keys(object).filter((name) => properties[name] && !KEPT.has(name));
    if (chance(this.#random, 0.75) && present.length > 0) return pick(this.#random, present);
    const names = Object.keys(properties).filter((name) => !KEPT.has(name));
    return names.length === 0 ? undefined : pick(this.#random, names);
  }

  #replace(object: Json, name: string, field: Schema): void {
    const draw = this.#random.float();
    if (draw < 0.62) object[name] = this.#values.ofSchema(field);
    else if (draw < 0.72) delete object[name];
    else if (draw < 0.82) object[name] = this.#values.ofWrongType(field);
    else if (draw < 0.92) object[`${name}s`] = this.#values.ofSchema(field);
    else object[name] = null;
  }

  #changeMap(object: Json, schema: Schema): void {
    const { additionalProperties = { type: "string" as const } } = this.#values.resolve(schema);
    const name = pick(this.#random, ["a", "app", "example.com/x", "Bad Key!", "", "kubernetes.io/y", "-x"]);
    object[name] = this.#values.ofSchema(additionalProperties);
  }

  #changeList(list: unknown[], field: Schema, depth: number): void {
    const items = this.#values.resolve(field).items ?? {};
    const index = Math.floor(this.#random.float() * list.length);
    const item = list[index];
    const draw = this.#random.float();
    if (draw < 0.1) list.splice(index, 1);
    else if (draw < 0.2) list.push(structuredClone(item));
    else if (draw < 0.3) list.push(this.#values.ofSchema(items));
    else if (isRecord(item)) this.#changeIn(item, items, depth + 1);
    else list[index] = this.#values.ofSchema(items);
  }

  #changeMetadata(object: Json, schema: Schema): void {
    const metadata = isRecord(object.metadata) ? object.metadata : {};
    object.metadata = metadata;
    const { properties = {} } = this.#values.resolve(schema);
    const name = pick(this.#random, METADATA_FIELDS);
    metadata[name] = this.#values.ofSchema(properties[name] ?? {});
  }
}
