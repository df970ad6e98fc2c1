// Reads what `@kubernetes/client-node` knows of Kubernetes' types: field names and types from the run-time tables of its
// classes, texts and required fields from the declaration files beside them. Nothing of it is loaded when Atoll runs.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

export interface ClientField {
  readonly name: string;
  /** TypeScript as the tables write it: "string", "Array<V1Container>", "{ [key: string]: string; }". */
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly isRequired: boolean;
}

export interface ClientModel {
  readonly description: string;
  readonly fields: readonly ClientField[];
}

interface AttributeType {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

function modelsDirectory(): string {
  return path.join(path.dirname(createRequire(import.meta.url).resolve("@kubernetes/client-node")), "gen", "models");
}

export async function readClientVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(path.join(modelsDirectory(), "..", "..", "..", "package.json"), "utf8"),
  );
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new Error("The manifest of @kubernetes/client-node has no version");
}

/** Every model class by name, "V1Pod", "CoreV1Event". */
export async function readClientModels(): Promise<Map<string, ClientModel>> {
  const directory = modelsDirectory();
  const classes = (await import(pathToFileURL(path.join(directory, "all.js")).href)) as Record<string, unknown>; // a module is a record of its exports
  const models = await Promise.all(
    Object.entries(classes).map(async ([name, exported]): Promise<[string, ClientModel][]> => {
      if (!hasAttributeTypes(exported)) return [];
      const declaration = parseDeclaration(await readFile(path.join(directory, `${name}.d.ts`), "utf8"));
      const fields = exported.attributeTypeMap.map((attribute) => {
        const declared = declaration.fields.get(attribute.name);
        if (!declared) throw new Error(`Field "${attribute.name}" of "${name}" is not in its declaration`);
        return { ...declared, name: attribute.baseName, type: attribute.type, format: attribute.format };
      });
      return [[name, { description: declaration.description, fields }]];
    }),
  );
  return new Map(models.flat());
}

function hasAttributeTypes(exported: unknown): exported is { attributeTypeMap: readonly AttributeType[] } {
  return typeof exported === "function" && "attributeTypeMap" in exported && Array.isArray(exported.attributeTypeMap);
}

interface Declaration {
  readonly description: string;
  readonly fields: Map<string, { readonly description: string; readonly isRequired: boolean }>;
}

const COMMENT = String.raw`(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?`;

function parseDeclaration(text: string): Declaration {
  const head = new RegExp(`${COMMENT}export declare class \\w+ \\{`).exec(text);
  if (!head) throw new Error("A declaration file has no class");
  const fields: Declaration["fields"] = new Map();
  const body = text.slice(head.index + head[0].length);
  for (const match of body.matchAll(new RegExp(`${COMMENT}'([^']+)'(\\??):`, "g"))) {
    fields.set(match[2] ?? "", { description: cleanComment(match[1]), isRequired: match[3] === "" });
  }
  return { description: cleanComment(head[1]), fields };
}

function cleanComment(comment: string | undefined): string {
  return (comment ?? "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .replaceAll(/\\(['"`\\])/g, "$1")
    .trim();
}
