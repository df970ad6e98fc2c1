// Prints `api/facts/shown-zeros.ts`, to be run by hand when Kubernetes' version moves, with the modules that
// `tools/facts/field-numbers.ts` names:
//
//   eval node tools/facts/shown-zeros.ts "$(go env GOMODCACHE)/k8s.io/$MODULES@v0.36.4" > api/facts/shown-zeros.ts
//
// Reads from the tags of Go's structs which fields JSON shows although nobody has set them, and nothing else.

import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { schemaModel } from "@atoll/api/generated/schemas";

const PREFIXES: Readonly<Record<string, string>> = {
  api: "io.k8s.api",
  apimachinery: "io.k8s.apimachinery",
  "apiextensions-apiserver": "io.k8s.apiextensions-apiserver",
  "kube-aggregator": "io.k8s.kube-aggregator",
};

const STABLE = /\/v\d+\/types[a-z_]*\.go$/;
const STRUCT = /^type (\w+) struct \{$(.*?)^\}$/gms;
const FIELD = /^\t(?:(\w+)\s+)?(\S+)\s+`([^`]*)`/gm;

interface GoStruct {
  readonly zeros: readonly string[];
  /** Structs whose fields stand in this one, by their definitions. */
  readonly embedded: readonly string[];
}

/** How Go writes the zero of what is no plain struct. */
const SPECIAL: readonly (readonly [RegExp, string])[] = [
  [/^(metav1\.)?(Micro)?Time$/, "null"],
  [/^resource\.Quantity$/, "0q"],
  [/^intstr\.IntOrString$/, "0"],
  [/^runtime\.RawExtension$/, "null"],
  [/^(metav1\.)?Duration$/, "0s"],
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
      structs.set(`${packageName}.${name}`, readStruct(packageName, `${packageName}.${name}`, body));
    }
  }
}

function readStruct(packageName: string, definition: string, body: string): GoStruct {
  const zeros: string[] = [];
  const embedded: string[] = [];
  for (const [, , type = "", tags = ""] of body.matchAll(FIELD)) {
    const [name = "", ...options] = /json:"([^"]*)"/.exec(tags)?.[1]?.split(",") ?? [];
    if (name === "-" || options.includes("omitzero")) continue;
    if (name === "" || options.includes("inline")) {
      embedded.push(`${packageName}.${type}`);
      continue;
    }
    const zero = zeroOf(definition, name, type, options.includes("omitempty"));
    if (zero !== undefined) zeros.push(`${name}=${zero}`);
  }
  return { zeros, embedded };
}

/** Undefined: the zero is left out. */
function zeroOf(definition: string, field: string, type: string, omitsEmpty: boolean): string | undefined {
  const isReference = /^(\*|\[\]|map\[)/.test(type);
  if (isReference) return omitsEmpty ? undefined : "null";
  const special = SPECIAL.find(([pattern]) => pattern.test(type))?.[1];
  if (special !== undefined) return special;
  const schema = schemaModel.definitions[definition]?.properties?.[field];
  const target = schema?.ref === undefined ? schema : schemaModel.definitions[schema.ref];
  switch (target?.type) {
    // A named map or list is nil, a struct is not: "omitempty" has no meaning for structs.
    case "object":
      if (target.additionalProperties) return omitsEmpty ? undefined : "null";
      return "{}";
    case "array":
      return omitsEmpty ? undefined : "null";
    case "string":
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

function allZeros(definition: string): readonly string[] {
  const found = structs.get(definition);
  return found ? [...found.zeros, ...found.embedded.flatMap(allZeros)] : [];
}

function render(): string {
  const lines = [...structs.keys()]
    .filter((definition) => schemaModel.definitions[definition]?.properties !== undefined)
    .map((definition): [string, string] => [definition, allZeros(definition).join(" ")])
    .filter(([, zeros]) => zeros !== "")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([definition, zeros]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(zeros)},`);
  return [
    "// Fields that upstream's JSON shows although nobody has set them, each with the zero that it shows; the schema model cannot",
    '// tell. "0q" is a quantity of nothing, "0s" a duration.',
    "// Facts of Kubernetes 1.36, printed by `tools/facts/shown-zeros.ts`.",
    "",
    "export const SHOWN_ZEROS: Readonly<Record<string, string>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}
