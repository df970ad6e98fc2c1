// Prints `api/facts/zeros.ts`, to be run by hand when Kubernetes' version moves, with the modules that
// `tools/facts/field-numbers.ts` names:
//
//   eval node tools/facts/zeros.ts "$(go env GOMODCACHE)/k8s.io/$MODULES@v0.36.4" > api/facts/zeros.ts
//
// Reads from the types and tags of Go's structs what JSON shows of fields that nobody has set, and nothing else.

import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { schemaModel } from "@atoll/api/generated/schemas";

/** Where a module's packages start, in the names of OpenAPI. */
const PREFIXES: Readonly<Record<string, string>> = {
  api: "io.k8s.api",
  apimachinery: "io.k8s.apimachinery",
  "apiextensions-apiserver": "io.k8s.apiextensions-apiserver",
  "kube-aggregator": "io.k8s.kube-aggregator",
};

const STABLE = /\/v\d+\/types[a-z_]*\.go$/;
const STRUCT = /^type (\w+) struct \{$(.*?)^\}$/gms;
const FIELD = /^\t(?:(\w+)\s+)?(\S+)\s+`([^`]*)`/gm;

interface GoField {
  readonly name: string;
  readonly type: string;
  readonly omitsEmpty: boolean;
}

interface GoStruct {
  readonly fields: readonly GoField[];
  /** Structs whose fields stand in this one, by their definitions. */
  readonly embedded: readonly string[];
}

/** What Go writes for a value of a type that is no plain struct, though nobody has set it. */
const SPECIAL: readonly (readonly [RegExp, string])[] = [
  [/^(metav1\.)?(Micro)?Time$/, "null"],
  [/^resource\.Quantity$/, '"0"'],
  [/^intstr\.IntOrString$/, "0"],
  [/^runtime\.RawExtension$/, "null"],
  [/^(metav1\.)?Duration$/, '"0s"'],
];

const structs = new Map<string, GoStruct>();
for (const directory of process.argv.slice(2)) await readModule(directory);
process.stdout.write(render());

async function readModule(directory: string): Promise<void> {
  const prefix = PREFIXES[path.basename(directory).split("@")[0] ?? ""];
  if (prefix === undefined) throw new Error(`"${directory}" is no module whose names are known`);
  for await (const file of glob("**/*.go", { cwd: directory })) {
    if (!STABLE.test(`/${file}`)) continue;
    const packageName = [prefix, ...path.dirname(file).split(path.sep)].join(".");
    const text = await readFile(path.join(directory, file), "utf8");
    for (const [, name = "", body = ""] of text.matchAll(STRUCT)) {
      structs.set(`${packageName}.${name}`, readStruct(packageName, body));
    }
  }
}

function readStruct(packageName: string, body: string): GoStruct {
  const fields: GoField[] = [];
  const embedded: string[] = [];
  for (const [, , type = "", tags = ""] of body.matchAll(FIELD)) {
    const [name = "", ...options] = /json:"([^"]*)"/.exec(tags)?.[1]?.split(",") ?? [];
    if (name === "-" || options.includes("omitzero")) continue;
    if (name === "" || options.includes("inline")) embedded.push(`${packageName}.${type}`);
    else fields.push({ name, type, omitsEmpty: options.includes("omitempty") });
  }
  return { fields, embedded };
}

/** Those of embedded structs, too. */
function fieldsOf(struct: GoStruct): readonly GoField[] {
  const embedded = struct.embedded.map((name) => structs.get(name)).filter((found) => found !== undefined);
  return [...struct.fields, ...embedded.flatMap(fieldsOf)];
}

/** "name*", "name=zero", "name*=null", or nothing for a field that is left out with its zero. */
function zeroOf(definition: string, { name, type, omitsEmpty }: GoField): string | undefined {
  const schema = schemaModel.definitions[definition]?.properties?.[name];
  const target = schema?.ref === undefined ? schema : schemaModel.definitions[schema.ref];
  if (type.startsWith("*")) {
    // A struct has no zero.
    const kept = target?.type === "object" || target?.type === undefined ? "" : "*";
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
