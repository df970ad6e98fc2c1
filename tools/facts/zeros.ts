// Prints `api/facts/zeros.ts`, to be run by hand when Kubernetes' version moves, with the modules that
// `tools/facts/field-numbers.ts` names:
//
//   eval node tools/facts/zeros.ts "$(go env GOMODCACHE)/k8s.io/$MODULES@v0.36.4" > api/facts/zeros.ts
//
// Reads from the types and tags of Go's structs what JSON shows of fields that nobody has set, and nothing else.

import { schemaModel } from "@atoll/api/generated/schemas";
import { type GoField, type GoStruct, readStructs } from "./go-structs.ts";

/** What Go writes for a value of a type that is no plain struct, though nobody has set it. */
const SPECIAL: readonly (readonly [RegExp, string])[] = [
  [/^(metav1\.)?(Micro)?Time$/, "null"],
  [/^resource\.Quantity$/, '"0"'],
  [/^intstr\.IntOrString$/, "0"],
  [/^runtime\.RawExtension$/, "null"],
  [/^(metav1\.)?Duration$/, '"0s"'],
];

const structs = new Map<string, GoStruct>();
for await (const struct of readStructs(process.argv.slice(2))) structs.set(struct.definition, struct);
process.stdout.write(render());

/** Those that JSON shows, of embedded structs, too: such stand in the same package. */
function fieldsOf({ definition, fields }: GoStruct): readonly GoField[] {
  const shown = fields.filter(({ jsonName, jsonOptions }) => jsonName !== "-" && !jsonOptions.includes("omitzero"));
  const packageName = definition.slice(0, definition.lastIndexOf("."));
  const embedded = shown
    .filter(({ isInline }) => isInline)
    .map(({ type }) => structs.get(`${packageName}.${type}`))
    .filter((found) => found !== undefined);
  return [...shown.filter(({ isInline }) => !isInline), ...embedded.flatMap(fieldsOf)];
}

/** "name*", "name=zero", "name*=null", or nothing for a field that is left out with its zero. */
function zeroOf(definition: string, { jsonName: name, jsonOptions, type }: GoField): string | undefined {
  const omitsEmpty = jsonOptions.includes("omitempty");
  const schema = schemaModel.definitions[definition]?.properties?.[name];
  const target = schema?.ref === undefined ? schema : schemaModel.definitions[schema.ref];
  if (type.startsWith("*")) {
    // A struct has no zero.
    const kept = target?.type === "object" ? "" : "*";
    if (!omitsEmpty) return `${name}${kept}=null`;
    return kept && `${name}${kept}`;
  }
  const zero = SPECIAL.find(([pattern]) => pattern.test(type))?.[1] ?? plainZeroOf(target, omitsEmpty);
  return zero && `${name}=${zero}`;
}

function plainZeroOf(target: (typeof schemaModel.definitions)[string] | undefined, omitsEmpty: boolean) {
  switch (target?.type) {
    // A map or list is nil, a struct is not: "omitempty" means nothing there.
    case "object":
      if (!target.additionalProperties) return "{}";
      return omitsEmpty ? undefined : "null";
    case "array":
      return omitsEmpty ? undefined : "null";
    case "string":
      if (target.format === "byte") return omitsEmpty ? undefined : "null";
      return omitsEmpty ? undefined : '""';
    case "integer":
    case "number":
      return omitsEmpty ? undefined : "0";
    case "boolean":
      return omitsEmpty ? undefined : "false";
    default:
      return undefined;
  }
}

/** Lists of objects are made of their items as they are sent. */
function isShown(definition: string): boolean {
  const { properties, kinds } = schemaModel.definitions[definition] ?? {};
  return properties !== undefined && !(kinds && definition.endsWith("List"));
}

function render(): string {
  const lines = [...structs]
    .filter(([definition]) => isShown(definition))
    .map(([definition, struct]): [string, string] => {
      const zeros = fieldsOf(struct).map((field) => zeroOf(definition, field));
      return [definition, zeros.filter((zero) => zero).join(" ")];
    })
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([definition, zeros]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(zeros)},`);
  return [
    "// What upstream's JSON shows of fields that nobody has set; the schema model cannot tell. A star marks a field whose zero is a",
    "// value and not the same as leaving it out; a field with a value is always shown, with that value while nobody has set it.",
    "// Every other field is left out while it is empty: an empty list or map, an empty string, 0, false.",
    "// Facts of Kubernetes 1.36, printed by `tools/facts/zeros.ts`.",
    "",
    "export const ZEROS: Readonly<Record<string, string>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}
