// The Go structs of Kubernetes' stable API, as their sources write them: what the tables of facts are read from.

import { glob, readFile } from "node:fs/promises";
import path from "node:path";

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

export interface GoField {
  /** In Go: "*int32", "[]Container". */
  readonly type: string;
  readonly jsonName: string;
  /** The fields of the type stand in the struct itself. */
  readonly isInline: boolean;
  readonly jsonOptions: readonly string[];
  /** All of them, as they stand between the back quotes. */
  readonly tags: string;
}

export interface GoStruct {
  /** As OpenAPI calls it: "io.k8s.api.core.v1.Pod". */
  readonly definition: string;
  readonly fields: readonly GoField[];
}

/** Every struct below the modules' directories. Throws for a directory that is none of the modules that are known. */
export async function* readStructs(directories: readonly string[]): AsyncGenerator<GoStruct, void, undefined> {
  for (const directory of directories) {
    const prefix = PREFIXES[path.basename(directory).split("@")[0] ?? ""];
    if (prefix === undefined) throw new Error(`"${directory}" is no module whose names are known`);
    for await (const file of glob("**/*.go", { cwd: directory })) {
      if (!STABLE.test(`/${file}`)) continue;
      const packageName = [prefix, ...path.dirname(file).split(path.sep)].join(".");
      const text = await readFile(path.join(directory, file), "utf8");
      for (const [, name = "", body = ""] of text.matchAll(STRUCT)) {
        yield { definition: `${packageName}.${name}`, fields: [...body.matchAll(FIELD)].map(readField) };
      }
    }
  }
}

function readField([, , type = "", tags = ""]: RegExpMatchArray): GoField {
  const [jsonName = "", ...jsonOptions] = /json:"([^"]*)"/.exec(tags)?.[1]?.split(",") ?? [];
  const isInline = jsonName === "" || jsonOptions.includes("inline");
  return { type, tags, jsonName, jsonOptions, isInline };
}
