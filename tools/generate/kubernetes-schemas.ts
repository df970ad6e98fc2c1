// Joins the fields of client-node's classes with our tables of facts into the schema model of Kubernetes' own types.
// Whatever the two disagree on (a definition without a class, a fact about no field) stops the generator.

import { defaults } from "@atoll/api/facts/defaults";
import { definitions } from "@atoll/api/facts/definitions";
import { groups } from "@atoll/api/facts/groups";
import { lists } from "@atoll/api/facts/lists";
import { quantities } from "@atoll/api/facts/quantities";
import type { GroupVersionKind, Schema } from "@atoll/api/schema";
import type { ClientField, ClientModel } from "./client-models.ts";
import { META, specialDefinitions, specialFields } from "./special-definitions.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function makeKubernetesSchemas(models: ReadonlyMap<string, ClientModel>): Record<string, Schema> {
  const definitionOf = matchClasses(models);
  const schemas: Record<string, Schema> = { ...specialDefinitions };
  for (const [className, definition] of definitionOf) {
    const model = models.get(className);
    if (model) schemas[definition] = makeDefinition(definition, model, definitionOf);
  }
  for (const table of [lists, quantities, defaults]) refuseUnknown(Object.keys(table), schemas);
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Class of client-node to definition: "CoreV1Event" or "V1Pod" for "io.k8s.api.core.v1.Pod". */
function matchClasses(models: ReadonlyMap<string, ClientModel>): Map<string, string> {
  const matched = new Map<string, string>();
  for (const [packageName, names] of Object.entries(definitions)) {
    const { group, version } = splitPackage(packageName);
    for (const name of names.trim().split(/\s+/)) {
      const definition = `${packageName}.${name}`;
      const className = [`${pascal(group)}${pascal(version)}${name}`, `${pascal(version)}${name}`].find((candidate) =>
        models.has(candidate),
      );
      if (className) matched.set(className, definition);
      else if (!(definition in specialDefinitions)) throw new Error(`No class of client-node fits "${definition}"`);
    }
  }
  return matched;
}

function makeDefinition(definition: string, model: ClientModel, definitionOf: ReadonlyMap<string, string>): Schema {
  const listFacts = lists[definition] ?? {};
  const quantityFields = new Set(quantities[definition]?.split(" "));
  const schema: Mutable<Schema> = { description: model.description, type: "object" };
  const properties: Record<string, Schema> = {};
  for (const field of model.fields) {
    const special = specialFields[`${definition}.${field.name}`];
    const base = special ?? parseType(field, definitionOf, quantityFields.has(field.name));
    const byDefault = defaults[definition]?.[field.name];
    properties[field.name] = {
      ...(field.description ? { description: field.description } : {}),
      ...base,
      ...(byDefault === undefined ? {} : { default: byDefault }),
      ...parseListFact(listFacts[field.name]),
    };
  }
  refuseUnknown(
    [...Object.keys(listFacts).filter((name) => name !== "*"), ...quantityFields],
    properties,
    `fields of "${definition}"`,
  );
  if (model.fields.length > 0) schema.properties = sortedByName(properties);
  const required = model.fields.filter((field) => field.isRequired).map((field) => field.name);
  if (required.length > 0) schema.required = required.sort();
  if (listFacts["*"] === "atomic-map") schema.mapType = "atomic";
  const kinds = kindsOf(definition, model);
  if (kinds.length > 0) schema.kinds = kinds;
  return schema;
}

function parseType(field: ClientField, definitionOf: ReadonlyMap<string, string>, isQuantity: boolean): Schema {
  const parse = (type: string): Schema => {
    const list = /^Array<(.*)>$/.exec(type);
    if (list) return { type: "array", items: parse(list[1] ?? "") };
    const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
    if (map) return { type: "object", additionalProperties: parse(map[1] ?? "") };
    if (isQuantity && type === "string") return { ref: "io.k8s.apimachinery.pkg.api.resource.Quantity" };
    switch (type) {
      case "string":
        return field.format === "byte" ? { type: "string", format: "byte" } : { type: "string" };
      case "boolean":
        return { type: "boolean" };
      case "number":
        return numberType(field.format);
      case "Date":
        return { ref: `${META}.Time` };
      case "V1MicroTime":
        return { ref: `${META}.MicroTime` };
      case "IntOrString":
        return { ref: "io.k8s.apimachinery.pkg.util.intstr.IntOrString" };
      case "any":
        return { ref: "io.k8s.apimachinery.pkg.runtime.RawExtension" };
    }
    const definition = definitionOf.get(type);
    if (!definition) throw new Error(`Class "${type}" of field "${field.name}" has no definition`);
    return { ref: definition };
  };
  return parse(field.type);
}

function numberType(format: string): Schema {
  if (format === "double") return { type: "number", format };
  return { type: "integer", format: format === "int64" ? "int64" : "int32" };
}

function parseListFact(fact: string | undefined): Partial<Schema> {
  const schema: Partial<Mutable<Schema>> = {};
  for (const word of fact?.split(" ") ?? []) {
    const [name, argument] = word.split(":");
    if (name === "atomic" || name === "set") schema.listType = name;
    else if (name === "map") {
      schema.listType = "map";
      schema.listMapKeys = (argument ?? "").split(",");
    } else if (name === "merge" || name === "replace" || name === "retainKeys") {
      schema.patchStrategy = [...(schema.patchStrategy ?? []), name];
      if (argument !== undefined) schema.patchMergeKey = argument;
    } else if (name === "atomic-map") schema.mapType = "atomic";
    else if (name === "granular") schema.mapType = "granular";
    else throw new Error(`Unknown word "${word}" in a fact about lists`);
  }
  return schema;
}

/** A definition with apiVersion, kind and metadata is a whole object (or list) of the kind that it is named after. */
function kindsOf(definition: string, model: ClientModel): GroupVersionKind[] {
  const names = new Set(model.fields.map((field) => field.name));
  const kind = definition.slice(definition.lastIndexOf(".") + 1);
  if (!names.has("apiVersion") || !names.has("kind") || !(names.has("metadata") || WITHOUT_METADATA.has(kind)))
    return [];
  const { group, version } = splitPackage(definition.slice(0, definition.lastIndexOf(".")));
  return [{ group: groups[group] ?? group, version, kind }];
}

const WITHOUT_METADATA = new Set(["APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "DeleteOptions"]);

function splitPackage(packageName: string): { readonly group: string; readonly version: string } {
  const words = packageName.split(".");
  return { group: words.at(-2) ?? "", version: words.at(-1) ?? "" };
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function sortedByName(properties: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refuseUnknown(names: readonly string[], known: object, where = "the definitions"): void {
  const stranger = names.find((name) => !(name in known));
  if (stranger !== undefined) throw new Error(`A fact speaks of "${stranger}", which is not among ${where}`);
}
