// Prints `api/facts/field-numbers.ts`, to be run by hand when Kubernetes' version moves:
//
//   MODULES={api,apimachinery,apiextensions-apiserver,kube-aggregator}
//   eval go mod download k8s.io/$MODULES@v0.36.4
//   eval node tools/facts/field-numbers.ts "$(go env GOMODCACHE)/k8s.io/$MODULES@v0.36.4" > api/facts/field-numbers.ts
//
// Reads the numbers and names out of the tags of Go's structs and nothing else: facts about a wire format.

import { schemaModel } from "@atoll/api/generated/schemas";
import { type GoStruct, readStructs } from "./go-structs.ts";

const table = new Map<string, string>();
for await (const struct of readStructs(process.argv.slice(2))) readNumbers(struct);
process.stdout.write(render(table));

function readNumbers({ definition, fields: goFields }: GoStruct): void {
  if (definition.endsWith("List") && definition in schemaModel.definitions && !isPlainList(definition)) return;
  const entries: [number, string][] = [];
  for (const { type, tags, jsonName: name, jsonOptions, isInline } of goFields) {
    const number = Number(/protobuf:"\w+,(\d+)/.exec(tags)?.[1]);
    if (!number || name === "-") continue;
    // Go writes a plain field's zero to the wire, JSON leaves it out; behind a pointer, or never left out, it is meant.
    const isPointer = type.startsWith("*") && !isMessage(definition, name);
    const isMeant = isPointer || (!jsonOptions.includes("omitempty") && /^(u?int\d*|bool|float\d+)$/.test(type));
    const mark = isMeant ? "!" : /protobuf:"\w+,\d+,opt/.test(tags) && isNamedList(definition, name, type) ? "[]" : "";
    entries.push([number, isInline ? `...${type.replace(/^.*\./, "")}` : `${name}${mark}`]);
  }
  if (entries.length === 0) return;
  const fields = entries.sort(([a], [b]) => a - b).map(([number, name]) => `${number} ${name}`);
  table.set(definition, fields.join(", "));
}

/** Messages have no zero: one that is there is meant. */
function isMessage(definition: string, field: string): boolean {
  const { ref } = schemaModel.definitions[definition]?.properties?.[field] ?? {};
  return ref !== undefined && schemaModel.definitions[ref]?.type === "object";
}

/** A list that has a type of its own in Go may be a message of its own, too. */
function isNamedList(definition: string, field: string, type: string): boolean {
  return schemaModel.definitions[definition]?.properties?.[field]?.type === "array" && !/^\*?\[\]/.test(type);
}

/** Lists of objects are never sent to the server; a list inside an object is a message like any other. */
function isPlainList(definition: string): boolean {
  return schemaModel.definitions[definition]?.kinds === undefined;
}

function render(entries: ReadonlyMap<string, string>): string {
  const lines = [...entries]
    .filter(([definition]) => schemaModel.definitions[definition]?.properties !== undefined || isEmbedded(definition))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([definition, fields]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(fields)},`);
  return [
    "// The numbers that fields have in Kubernetes' protobuf encoding, as typed clients use it. Nothing else is needed to read it:",
    '// what a field is, the schema model says. A name after "..." is a message whose fields stand in the outer object itself, as',
    '// they do in JSON; "!" marks a field whose zero is a value and not the same as leaving it out, "[]" a list that is wrapped',
    "// in a message of its own.",
    "// Facts of Kubernetes 1.36, printed by `tools/facts/field-numbers.ts`.",
    "",
    "export const FIELD_NUMBERS: Readonly<Record<string, string>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

function isEmbedded(definition: string): boolean {
  const name = definition.slice(definition.lastIndexOf(".") + 1);
  return [...table.values()].some((fields) => fields.includes(`...${name}`));
}
