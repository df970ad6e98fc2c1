// What server-side apply must know of a schema: where values end that are owned as a whole, and what names an item of a
// list. Made from the schema model on first use and kept with it.

import type { Schema, SchemaModel } from "@atoll/api/schema";
import { zeroFactsOf } from "../zero-facts.ts";
import { fieldElement, type PathElement } from "./path-element.ts";

/** A value of several possible types has several of these; a schema with a type has one. */
export interface Shape {
  readonly scalar: ScalarType | undefined;
  readonly list: ListShape | undefined;
  readonly map: MapShape | undefined;
}

export type ScalarType = "numeric" | "string" | "boolean" | "untyped";

export interface ListShape {
  /** Owned as a whole. */
  readonly isAtomic: boolean;
  /** What names an item; none for a set, whose items name themselves. */
  readonly keys: readonly string[];
  readonly items: Shape;
}

export interface MapShape {
  readonly isAtomic: boolean;
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** Of values under any other name; undefined: there may be none. */
  readonly values: Shape | undefined;
  /** Fields that upstream's types always hold, and what they hold while nobody has set them. */
  readonly zeros: ReadonlyMap<string, unknown>;
}

export interface FieldShape {
  readonly element: PathElement;
  readonly shape: Shape;
  /** What stands for a missing key of a list's item. */
  readonly default: unknown;
}

export type Handler = "map" | "scalar" | "list";

/** As which of a shape's types a value is to be taken; null and the absent value fit all. */
export function handlerOf(shape: Shape, value: unknown): Handler {
  if (value !== undefined && value !== null) {
    if (Array.isArray(value)) {
      if (shape.list) return "list";
    } else if (typeof value === "object") {
      if (shape.map) return "map";
    } else if (shape.scalar) return "scalar";
  }
  return shape.map ? "map" : shape.scalar ? "scalar" : "list";
}

/** The shape of a map's value under a name; undefined where the schema has no such field. */
export function shapeOfField(map: MapShape, name: string): Shape | undefined {
  return map.fields.get(name)?.shape ?? map.values;
}

/** The step of a path to a map's value under a name; that of a field is made once for all objects. */
export function elementOfField(map: MapShape, name: string): PathElement {
  return map.fields.get(name)?.element ?? fieldElement(name);
}

const RAW_EXTENSION = "io.k8s.apimachinery.pkg.runtime.RawExtension";

const NO_FIELDS: ReadonlyMap<string, FieldShape> = new Map();
const NO_ZEROS: ReadonlyMap<string, unknown> = new Map();

/** Anything, owned as a whole. */
const UNTYPED: Shape = {
  scalar: "untyped",
  get list() {
    return { isAtomic: true, keys: [], items: UNTYPED };
  },
  get map() {
    return { isAtomic: true, fields: NO_FIELDS, values: UNTYPED, zeros: NO_ZEROS };
  },
};

/** Anything, maps field by field and lists as a whole: what a schema that says nothing means. */
const DEDUCED: Shape = {
  scalar: "untyped",
  list: { isAtomic: true, keys: [], items: UNTYPED },
  get map() {
    return DEDUCED_MAP;
  },
};
const DEDUCED_MAP: MapShape = { isAtomic: false, fields: NO_FIELDS, values: DEDUCED, zeros: NO_ZEROS };

const shapesOfModels = new WeakMap<SchemaModel, Shapes>();

/** The shape of a whole definition. Throws for a name that the model has not. */
export function shapeOfDefinition(model: SchemaModel, name: string): Shape {
  let shapes = shapesOfModels.get(model);
  if (!shapes) {
    shapes = new Shapes(model);
    shapesOfModels.set(model, shapes);
  }
  return shapes.ofDefinition(name);
}

class Shapes {
  readonly #model: SchemaModel;
  readonly #definitions = new Map<string, Shape>();
  readonly #inline = new WeakMap<Schema, Shape>();

  constructor(model: SchemaModel) {
    this.#model = model;
  }

  ofDefinition(name: string): Shape {
    const known = this.#definitions.get(name);
    if (known) return known;
    const schema = this.#model.definitions[name];
    if (!schema) throw new Error(`The schema model has no definition "${name}"`);
    const shape = name === RAW_EXTENSION ? UNTYPED : this.#make(schema, name);
    this.#definitions.set(name, shape);
    return shape;
  }

  #of(schema: Schema): Shape {
    if (schema.ref !== undefined && schema.mapType === undefined) return this.ofDefinition(schema.ref);
    const known = this.#inline.get(schema);
    if (known) return known;
    const shape = schema.ref === undefined ? this.#make(schema, "") : this.#withMapType(schema.ref, schema.mapType);
    this.#inline.set(schema, shape);
    return shape;
  }

  #withMapType(name: string, mapType: Schema["mapType"]): Shape {
    const { map, ...rest } = this.ofDefinition(name);
    return { ...rest, map: map && { ...map, isAtomic: mapType === "atomic" } };
  }

  #make(schema: Schema, name: string): Shape {
    switch (schema.type) {
      case "object":
        return { scalar: undefined, list: undefined, map: this.#makeMap(schema, name) };
      case "array":
        return { scalar: undefined, list: this.#makeList(schema), map: undefined };
      case undefined:
        return DEDUCED;
      default:
        return { scalar: scalarOf(schema), list: undefined, map: undefined };
    }
  }

  #makeList(schema: Schema): ListShape {
    const shapeOfItems = onFirstUse(() => (schema.items ? this.#of(schema.items) : UNTYPED));
    return {
      isAtomic: schema.listType !== "map" && schema.listType !== "set",
      keys: schema.listType === "map" ? (schema.listMapKeys ?? []) : [],
      // Looked up late: definitions refer to themselves.
      get items() {
        return shapeOfItems();
      },
    };
  }

  #makeMap(schema: Schema, name: string): MapShape {
    const { properties = {}, additionalProperties } = schema;
    const zeros = zeroFactsOf(name)?.shown ?? NO_ZEROS;
    const fields = Object.entries(properties).map(([field, fieldSchema]): [string, FieldShape] => {
      const shapeOfSchema = onFirstUse(() => this.#of(fieldSchema));
      return [
        field,
        {
          element: fieldElement(field),
          default: fieldSchema.default ?? scalarOrNone(zeros.get(field)),
          get shape() {
            return shapeOfSchema();
          },
        },
      ];
    });
    const shapeOfValues = onFirstUse(() => {
      if (additionalProperties) return this.#of(additionalProperties);
      return fields.length === 0 ? DEDUCED : undefined;
    });
    return {
      isAtomic: schema.mapType === "atomic",
      fields: new Map(fields),
      get values() {
        return shapeOfValues();
      },
      zeros,
    };
  }
}

function scalarOrNone(zero: unknown): unknown {
  return typeof zero === "object" ? undefined : zero;
}

/** Shapes are asked for at every field of every write. */
function onFirstUse<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function scalarOf({ type, format }: Schema): ScalarType {
  switch (type) {
    case "integer":
    case "number":
      return "numeric";
    case "boolean":
      return "boolean";
    default:
      return format === undefined || format === "byte" ? "string" : "untyped";
  }
}
