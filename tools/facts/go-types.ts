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
  if (schema?.additionalProperties) return named.startsWith("map[") ? undefined : qualify(definition, named);
  if (schema?.type !== "array" || !isText(resolve(schema.items)) || named === "[]string") return undefined;
  return named.startsWith("[]") ? `[]${qualify(definition, named.slice(2))}` : qualify(definition, named);
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

function render(): string {
  const lines = [...structs]
    .filter(([definition]) => schemaModel.definitions[definition])
    .map(([definition, fields]): [string, string] => {
      const names = fields.map((field) => [field.jsonName, nameOf(definition, field)]);
      return [definition, names.flatMap(([field, name]) => (name === undefined ? [] : [`${field}=${name}`])).join(" ")];
    })
    .filter(([, names]) => names !== "")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([definition, names]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(names)},`);
  return [
    "// What upstream calls the types of fields that are texts, lists of them, or maps, where the schema cannot tell. Its messages say so.",
    "// Facts of Kubernetes 1.36, printed by `tools/facts/go-types.ts`.",
    "",
    "export const GO_TYPES: Readonly<Record<string, string>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}
