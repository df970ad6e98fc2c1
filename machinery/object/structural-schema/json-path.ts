// The part of JSONPath that CustomResourceDefinitions use: fields, indices, wildcards and simple filters, from the object's
// root. ".spec.replicas", ".status.conditions[?(@.type=="Ready")].status", ".metadata.labels['app\.kubernetes\.io/name']".

import { isRecord } from "@atoll/base/is-record";

export type JsonPath = readonly Step[];

type Step =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "index"; readonly index: number }
  | { readonly type: "all" }
  | { readonly type: "filter"; readonly path: JsonPath; readonly equals: boolean; readonly value: unknown };

const FIELD = /^\.((?:\\.|[^.[\]\\\s'"])+)/;
const QUOTED = /^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/;
const INDEX = /^\[(-?\d+)\]/;
const ALL = /^(?:\[\*\]|\.\*)/;
const FILTER = /^\[\?\(\s*@((?:\.[^=!<>\s()]+)+)\s*(==|!=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[-\w.]+)\s*\)\]/;

/** Undefined: not a path that can be used. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  for (let rest = text.replace(/^\$/, ""); rest !== ""; ) {
    const found = nextStep(rest);
    if (!found) return undefined;
    steps.push(found.step);
    rest = rest.slice(found.length);
  }
  return steps.length === 0 ? undefined : steps;
}

function nextStep(text: string): { readonly step: Step; readonly length: number } | undefined {
  const all = ALL.exec(text);
  if (all) return { step: { type: "all" }, length: all[0].length };
  const field = FIELD.exec(text);
  if (field) return { step: { type: "field", name: unquote(field[1] ?? "") }, length: field[0].length };
  const quoted = QUOTED.exec(text);
  if (quoted) {
    return { step: { type: "field", name: unquote(quoted[1] ?? quoted[2] ?? "") }, length: quoted[0].length };
  }
  const index = INDEX.exec(text);
  if (index) return { step: { type: "index", index: Number(index[1]) }, length: index[0].length };
  const filter = FILTER.exec(text);
  const path = filter && parseJsonPath(filter[1] ?? "");
  if (!filter || !path) return undefined;
  const step = { type: "filter", path, equals: filter[2] === "==", value: literal(filter[3] ?? "") } as const;
  return { step, length: filter[0].length };
}

function unquote(text: string): string {
  return text.replaceAll(/\\(.)/g, "$1");
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return unquote(text.slice(1, -1));
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) ? text : Number(text);
}

/** Every value the path leads to, in order. */
export function findByPath(root: unknown, path: JsonPath): unknown[] {
  let found = [root];
  for (const step of path) found = found.flatMap((value) => follow(value, step));
  return found;
}

function follow(value: unknown, step: Step): unknown[] {
  switch (step.type) {
    case "field":
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "index": {
      const item: unknown = Array.isArray(value) ? value.at(step.index) : undefined;
      return item === undefined ? [] : [item];
    }
    case "all":
      return Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
    case "filter":
      if (!Array.isArray(value)) return [];
      return value.filter((item: unknown) => {
        const [actual] = findByPath(item, step.path);
        return actual !== undefined && (actual === step.value) === step.equals;
      });
  }
}

/** The names of a path that only goes from field to field; undefined for any other. */
export function fieldsOfPath(path: JsonPath | undefined): readonly string[] | undefined {
  const names: string[] = [];
  for (const step of path ?? []) {
    if (step.type !== "field") return undefined;
    names.push(step.name);
  }
  return path && names;
}
