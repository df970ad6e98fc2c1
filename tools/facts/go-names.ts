// Prints `api/facts/go-names.ts`, to be run by hand when Kubernetes' version moves, with the modules that
// `tools/facts/field-numbers.ts` names and the one of Kubernetes itself:
//
//   eval node tools/facts/go-names.ts "$(go env GOMODCACHE)/k8s.io/{api,apimachinery}@v0.36.4" \
//     "$(go env GOMODCACHE)/k8s.io/kubernetes@v1.36.4" > api/facts/go-names.ts
//
// Reads the names, the order and the zeros of Go's structs, and nothing else.

import { glob, readFile } from "node:fs/promises";
import path from "node:path";
import { schemaModel } from "@atoll/api/generated/schemas";

const STRUCT = /^type (\w+) struct \{$(.*?)^\}$/gms;
const FIELD = /^\t(?:(\w+)[ \t]+)?([\w.*[\]]+)(?:[ \t]+`([^`]*)`)?[ \t]*(?:\/\/.*)?$/gm;
const NAMED = /^\t?(?:type )?(\w+) (string|int32|int64|bool|\[\]\w+|map\[\S+)$/gm;
const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

interface GoField {
  /** "" for a struct whose fields stand in this one. */
  readonly goName: string;
  readonly type: string;
  /** From the tag; "" where there is none. */
  readonly jsonName: string;
  readonly omitsEmpty: boolean;
}

/** By package and name: "api/apps/v1.DaemonSet", "internal/apps.DaemonSet", "meta.LabelSelector". */
const structs = new Map<string, readonly GoField[]>();
/** What a named type is made of, by the same names. */
const named = new Map<string, string>();

const [api = "", apimachinery = "", kubernetes = ""] = process.argv.slice(2);
await readPackages(api, "{*,*/*}/types*.go", (directory) => `api/${directory}`);
await readPackages(path.join(apimachinery, "pkg/apis/meta/v1"), "types.go", () => "meta");
await readPackages(path.join(kubernetes, "pkg/apis"), "*/types*.go", (directory) => `internal/${directory}`);
process.stdout.write(render());

async function readPackages(root: string, files: string, nameOf: (directory: string) => string): Promise<void> {
  for await (const file of glob(files, { cwd: root })) {
    const packageName = nameOf(path.dirname(file));
    const text = (await readFile(path.join(root, file), "utf8")).replaceAll(/\/\*.*?\*\//gs, "");
    for (const [, name = "", body = ""] of text.matchAll(STRUCT))
      structs.set(`${packageName}.${name}`, readStruct(body));
    for (const [, name = "", type = ""] of text.matchAll(NAMED)) named.set(`${packageName}.${name}`, type);
  }
}

function readStruct(body: string): readonly GoField[] {
  return [...body.matchAll(FIELD)].map(([, goName = "", type = "", tags = ""]) => {
    const [jsonName = "", ...options] = /json:"([^"]*)"/.exec(tags)?.[1]?.split(",") ?? [];
    return { goName, type, jsonName, omitsEmpty: options.includes("omitempty") || options.includes("omitzero") };
  });
}

/** Those of embedded structs in their places, but not an object's metadata, which has a name in JSON. */
function fieldsOf(packageName: string, name: string): readonly GoField[] {
  return (structs.get(`${packageName}.${name}`) ?? []).flatMap((field) => {
    if (field.goName !== "" || field.type.startsWith("metav1.")) return [field];
    return fieldsOf(packageName, field.type);
  });
}

/** JSON names in the API by Go's. */
function jsonNamesOf(packageName: string, name: string): ReadonlyMap<string, string> {
  return new Map(fieldsOf(packageName, name).map(({ goName, jsonName }) => [goName, jsonName]));
}

function zeroOf(packageName: string, type: string): string {
  if (type.startsWith("*") || type.startsWith("[]") || type.startsWith("map[")) return "null";
  switch (type) {
    case "string":
    case "types.UID":
      return '""';
    case "bool":
      return "false";
    case "int":
    case "int32":
    case "int64":
    case "float64":
    case "intstr.IntOrString":
      return "0";
    case "resource.Quantity":
      return '"0"';
    case "metav1.Duration":
      return '"0s"';
    case "metav1.Time":
    case "metav1.MicroTime":
    case "runtime.Object":
    case "runtime.RawExtension":
      return "null";
    default: {
      const qualified = qualify(packageName, type);
      const underlying = named.get(qualified);
      return underlying === undefined ? "{}" : zeroOf(qualified.slice(0, qualified.lastIndexOf(".")), underlying);
    }
  }
}

function qualify(packageName: string, type: string): string {
  const [prefix = "", name] = type.split(".");
  if (name === undefined) return `${packageName}.${type}`;
  if (prefix === "metav1") return `meta.${name}`;
  return `internal/${prefix === "api" ? "core" : prefix}.${name}`;
}

/** "Type=type:\"\"", "LabelSelector=labelSelector?" for one that is left out while it is empty, "...metadata" for metadata. */
function renderField(packageName: string, field: GoField, jsonNames: ReadonlyMap<string, string>): string | undefined {
  if (field.type === "metav1.TypeMeta" || field.type === "metav1.ListMeta") return undefined;
  if (field.type === "metav1.ObjectMeta" && field.goName === "") return "...metadata";
  const shown = field.jsonName || field.goName;
  // A field that has another place in the API has its own name there, too.
  const jsonName = field.jsonName || (jsonNames.get(field.goName) ?? firstLower(field.goName));
  const name = shown === jsonName ? shown : `${shown}=${jsonName}`;
  return field.omitsEmpty ? `${name}?` : `${name}:${zeroOf(packageName, field.type)}`;
}

function firstLower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** As `io.k8s.api.apps.v1.DaemonSet`. */
function renderDefinition(definition: string): string | undefined {
  if (definition.startsWith(`${META}.`)) {
    const fields = fieldsOf("meta", definition.slice(META.length + 1));
    return fields.map((field) => renderField("meta", field, new Map())).join(" ");
  }
  const [, group = "", version = "", name = ""] = /^io\.k8s\.api\.([^.]+)\.([^.]+)\.(.+)$/.exec(definition) ?? [];
  const fields = fieldsOf(`internal/${group}`, name);
  const jsonNames = jsonNamesOf(`api/${group}/${version}`, name);
  if (fields.length === 0 || jsonNames.size === 0) return undefined;
  const rendered = fields.map((field) => renderField(`internal/${group}`, field, jsonNames));
  return rendered.filter((text) => text !== undefined).join(" ");
}

function render(): string {
  const lines = Object.entries(schemaModel.definitions)
    .filter(([, { properties, kinds }]) => properties && !kinds)
    .map(([definition]): [string, string | undefined] => [definition, renderDefinition(definition)])
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([definition, text]) => `  ${JSON.stringify(definition)}: ${JSON.stringify(text)},`);
  return [
    "// How upstream's errors write a struct as JSON: not as the API does, but by the names that its server has for the fields, all",
    "// of them and in this order. A name is followed by the one in the API where that is another, and by its zero; a question",
    "// mark stands for a field that is left out while it is empty, and three dots for metadata, whose fields stand among the",
    "// others. Facts of Kubernetes 1.36, printed by `tools/facts/go-names.ts`.",
    "",
    "export const GO_NAMES: Readonly<Record<string, string>> = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}
