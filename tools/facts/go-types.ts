// Prints `api/facts/go-types.ts`, to be run by hand when Kubernetes' version moves, with the modules that
// `tools/facts/field-numbers.ts` names:
//
//   eval node tools/facts/go-types.ts \
//     "$(go env GOMODCACHE)/k8s.io/{api,apimachinery,apiextensions-apiserver,kube-aggregator}@v0.36.4" > api/facts/go-types.ts
//
// Reads what upstream calls the types of its fields, where the schema cannot tell: those of texts, lists of them, and maps.

import { schemaModel } from "@atoll/api/generated/schemas";
import type { Schema } from "@atoll/api/schema";
import { type GoField, readStructs } from "./go-structs.ts";

const structs = new Map<string, readonly GoField[]>();
for await (const { definition, fields } of readStructs(process.argv.slice(2))) structs.set(definition, fields);
process.stdout.write(render());

/** Undefined where the schema says it. */
function nameOf(definition: string, { type, jsonName }: GoField): string | undefined {
  const schema = resolve(schemaModel.definitions[definition]?.properties?.[jsonName]);
  const isText = ({ type: jsonType, format }: Schema = {}) => jsonType === "string" && format === undefined;
  const named = type.replace(/^\*/, "");
  if (isText(schema)) return named === "string" ? undefined : qualify(definition, named);
  if (schema?.additionalProperties) return mapNameOf(definition, named);
  if (schema?.type !== "array" || !isText(resolve(schema.items)) || named === "[]string") return undefined;
  return named.startsWith("[]") ? `[]${qualify(definition, named.slice(2))}` : qualify(definition, named);
}

/** Maps of texts and of what the schema has a name for are said by it. */
function mapNameOf(definition: string, named: string): string | undefined {
  const value = /^map\[string\](.+)$/.exec(named)?.[1];
  if (value === undefined) return named.startsWith("map[") ? undefined : qualify(definition, named);
  const isKnown = /^(\[\])?(string|byte)$/.test(value) || schemaModel.definitions[ownName(definition, value)];
  return isKnown ? undefined : `map[string]${qualify(definition, value)}`;
}

function ownName(definition: string, name: string): string {
  return `${definition.slice(0, definition.lastIndexOf("."))}.${name}`;
}

function flattened(definition: string, fields: readonly GoField[]): readonly GoField[] {
  const packageName = definition.slice(0, definition.lastIndexOf("."));
  return fields.flatMap((field) =>
    field.isInline ? flattened(definition, structs.get(`${packageName}.${field.type}`) ?? []) : [field],
  );
}

/** Of a definition's fields that stand in a struct within its struct: that struct's name. */
function embeddedIn(definition: string, fields: readonly GoField[]): [field: string, struct: string][] {
  const packageName = definition.slice(0, definition.lastIndexOf("."));
  return fields
    .filter(({ isInline, type }) => isInline && !type.includes("."))
    .flatMap(({ type }) => {
      const inside = structs.get(`${packageName}.${type}`) ?? [];
      const own = inside.filter(({ isInline }) => !isInline).map(({ jsonName }): [string, string] => [jsonName, type]);
      const below = embeddedIn(definition, inside).map(([field, struct]): [string, string] => [
        field,
        `${type}.${struct}`,
      ]);
      return [...own, ...below];
    });
}

function resolve(schema: Schema | undefined): Schema | undefined {
  return schema?.ref === undefined ? schema : schemaModel.definitions[schema.ref];
}

/** Go shows the last part of a package's path, whatever a file calls the package. */
function qualify(definition: string, name: string): string {
  const own = definition.split(".").at(-2) ?? "";
  const [prefix = "", type] = name.split(".");
  if (type === undefined) return `${own}.${name}`;
  return `${/v1$/.test(prefix) ? "v1" : prefix}.${type}`;
}

type Entries = readonly (readonly [field: string, name: string | undefined])[];

function linesOf(entriesOf: (definition: string, fields: readonly GoField[]) => Entries): string[] {
  return [...structs]
    .filter(([definition]) => schemaModel.definitions[definition])
    .map(([definition, fields]): [string, string] => {
      const entries = entriesOf(definition, fields);
      const texts = entries.flatMap(([field, name]) => (name === undefined ? [] : [`${field}=${name}`]));
      return [definition, texts.join(" ")];
    })
    .filter(([, names]) => names !== "")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([definition, names]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(names)},`);
}

function render(): string {
  return [
    "// What upstream calls the types of fields that are texts, lists of them, or maps, where the schema cannot tell. Its messages say so.",
    "// Facts of Kubernetes 1.36, printed by `tools/facts/go-types.ts`.",
    "",
    "export const GO_TYPES: Readonly<Record<string, string>> = {",
    ...linesOf((definition, fields) =>
      flattened(definition, fields).map((field) => [field.jsonName, nameOf(definition, field)]),
    ),
    "};",
    "",
    "/** Fields that stand in a struct within their definition's struct, whose name is said where one of them is not fit. */",
    "export const GO_EMBEDDED: Readonly<Record<string, string>> = {",
    ...linesOf(embeddedIn),
    "};",
    "",
  ].join("\n");
}
