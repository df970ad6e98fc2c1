// Writes the schema model of Kubernetes' types as TypeScript interfaces of plain JSON: times are strings, quantities strings
// or numbers. The newest stable version of a kind has the bare name (`Pod`); what would collide with it, and what is not yet
// stable, carries group and version (`EventsV1Event`, `ResourceV1beta1Device`).

import type { Schema } from "@atoll/api/schema";

/** Definitions whose TypeScript shape is written by hand in `api/meta/types.ts`. */
const HAND_WRITTEN = [
  "LabelSelector",
  "LabelSelectorRequirement",
  "ListMeta",
  "ObjectMeta",
  "OwnerReference",
  "Status",
  "StatusCause",
  "StatusDetails",
] as const;

const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/** Packages whose names come first when two want the same one. */
const FIRST_PACKAGES = ["io.k8s.api.core.v1.", META, "io.k8s.api.apps.v1."];

export function writeTypeDeclarations(schemas: Readonly<Record<string, Schema>>): string {
  const names = chooseNames(Object.keys(schemas).filter((definition) => schemas[definition]?.type !== undefined));
  const lines = [
    "// Made by `npm run generate`; do not edit.",
    "",
    `import type { ${HAND_WRITTEN.join(", ")} } from "../meta/types.ts";`,
    "",
    `export type { ${HAND_WRITTEN.join(", ")} };`,
    "export type Quantity = string | number;",
    "export type IntOrString = string | number;",
  ];
  for (const [definition, schema] of Object.entries(schemas)) {
    const name = names.get(definition);
    if (name === undefined || schema.type !== "object" || isHandWritten(definition)) continue;
    lines.push("", ...comment(schema.description, ""));
    if (!schema.properties) {
      lines.push(`export type ${name} = Record<string, unknown>;`);
      continue;
    }
    lines.push(`export interface ${name} {`);
    for (const [field, fieldSchema] of Object.entries(schema.properties)) {
      const optional = isAlwaysSet(schema, field) ? "" : "?";
      lines.push(...comment(fieldSchema.description, "  "));
      lines.push(`  ${/^\w+$/.test(field) ? field : JSON.stringify(field)}${optional}: ${typeOf(fieldSchema, names)};`);
    }
    lines.push("}");
  }
  return `${lines.join("\n")}\n`;
}

/** Required fields, and metadata and spec of whole objects: the server never stores one without them. */
function isAlwaysSet(schema: Schema, field: string): boolean {
  if (schema.required?.includes(field)) return true;
  return schema.kinds !== undefined && (field === "metadata" || field === "spec");
}

function typeOf(schema: Schema, names: ReadonlyMap<string, string>): string {
  if (schema.ref !== undefined) return names.get(schema.ref) ?? "unknown";
  switch (schema.type) {
    case "array":
      return `${typeOf(schema.items ?? {}, names)}[]`;
    case "object":
      return `Record<string, ${typeOf(schema.additionalProperties ?? {}, names)}>`;
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
      return schema.type;
    default:
      return "unknown";
  }
}

const PLAIN_TYPES: Readonly<Record<string, string>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
  [`${META}Time`]: "string",
  [`${META}MicroTime`]: "string",
};

function chooseNames(definitions: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const rank = (definition: string) => {
    const first = FIRST_PACKAGES.findIndex((prefix) => definition.startsWith(prefix));
    return first === -1 ? FIRST_PACKAGES.length : first;
  };
  for (const definition of [...definitions].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))) {
    const plain = PLAIN_TYPES[definition];
    const words = definition.split(".");
    const [group = "", version = "", short = ""] = words.slice(-3);
    const isStable = /^v\d+$/.test(version) || !/^v\d/.test(version);
    const name = plain ?? (isStable && !taken.has(short) ? short : pascal(group) + pascal(version) + short);
    taken.add(name);
    names.set(definition, name);
  }
  return names;
}

function isHandWritten(definition: string): boolean {
  return HAND_WRITTEN.some((name) => definition === META + name);
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function comment(description: string | undefined, indent: string): string[] {
  return description
    ? [`${indent}/** ${description.replaceAll("*/", "*\\/").replaceAll("\n", `\n${indent} * `)} */`]
    : [];
}
