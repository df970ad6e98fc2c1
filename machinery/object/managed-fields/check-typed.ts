// Whether an applied configuration fits its schema: names, types, and no item twice. In upstream's words, which are Go's.

import { nameItems } from "./list-items.ts";
import { describeElement } from "./path-element.ts";
import { handlerOf, type ListShape, type MapShape, type ScalarType, type Shape, shapeOfField } from "./shape.ts";
import { TypedValueError } from "./typed-error.ts";

/** More would only make the answer long. */
const PROBLEMS_MAX = 100;

/** Throws TypedValueError with everything that is wrong. */
export function checkTyped(shape: Shape, value: unknown): void {
  throwProblems(shape, value, { takesRepeated: false });
}

/** The same for an object that nobody applies, whose lists may hold an item twice. */
export function checkTypedLoosely(shape: Shape, value: unknown): void {
  throwProblems(shape, value, { takesRepeated: true });
}

function throwProblems(shape: Shape, value: unknown, options: Pick<Checking, "takesRepeated">): void {
  const problems: string[] = [];
  check(shape, value, "", { ...options, problems });
  if (problems.length > 0) throw new TypedValueError(problems.slice(0, PROBLEMS_MAX));
}

interface Checking {
  readonly problems: string[];
  readonly takesRepeated: boolean;
}

function check(shape: Shape, value: unknown, path: string, checking: Checking): void {
  if (checking.problems.length >= PROBLEMS_MAX) return;
  switch (handlerOf(shape, value)) {
    case "map":
      if (shape.map) checkMap(shape.map, value, path, checking);
      return;
    case "list":
      if (shape.list) checkList(shape.list, value, path, checking);
      return;
    case "scalar":
      if (shape.scalar) checkScalar(shape.scalar, value, path, checking);
      return;
  }
}

function checkMap(shape: MapShape, value: unknown, path: string, checking: Checking): void {
  if (value === null) return;
  if (typeof value !== "object" || Array.isArray(value)) {
    checking.problems.push(say(path, `expected map, got &{${goText(value)}}`));
    return;
  }
  for (const [name, item] of Object.entries(value ?? {})) {
    const field = shapeOfField(shape, name);
    const fieldPath = `${path}.${name}`;
    if (field) check(field, item, fieldPath, checking);
    else checking.problems.push(say(fieldPath, "field not declared in schema"));
  }
}

function checkList(shape: ListShape, value: unknown, path: string, checking: Checking): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    checking.problems.push(say(path, `expected list, got &{${goText(value)}}`));
    return;
  }
  if (shape.isAtomic) {
    for (const [index, item] of value.entries()) check(shape.items, item, `${path}[${index}]`, checking);
    return;
  }
  const seen = new Set<string>();
  try {
    for (const { element, value: item } of nameItems(shape, value)) {
      const name = describeElement(element);
      const isRepeated = seen.has(element) && !checking.takesRepeated;
      if (isRepeated) checking.problems.push(say(path, `duplicate entries for key ${name}`));
      seen.add(element);
      check(shape.items, item, path + name, checking);
    }
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    checking.problems.push(...error.problems.map((text) => say(path, text)));
  }
}

function checkScalar(type: ScalarType, value: unknown, path: string, checking: Checking): void {
  if (value === null) return;
  switch (type) {
    case "numeric":
      if (typeof value !== "number") {
        checking.problems.push(say(path, `expected numeric (int or float), got ${goTypeOf(value)}`));
      }
      return;
    case "string":
      if (typeof value !== "string") {
        checking.problems.push(say(path, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`));
      }
      return;
    case "boolean":
      if (typeof value !== "boolean") checking.problems.push(say(path, `expected boolean, got &{${goText(value)}}`));
      return;
    case "untyped":
      if (typeof value === "object") checking.problems.push(say(path, `expected any scalar, got &{${goText(value)}}`));
      return;
  }
}

function say(path: string, what: string): string {
  return path === "" ? what : `${path}: ${what}`;
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "boolean") return "bool";
  return typeof value === "object" ? "map[string]interface {}" : "string";
}

/** As Go prints values: maps sorted, nothing quoted. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[${entries.map(([name, item]) => `${name}:${goText(item)}`).join(" ")}]`;
}

/** As Go prints values for programmers. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (value === null || value === undefined) return "interface {}(nil)";
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[string]interface {}{${entries.map(([name, item]) => `${JSON.stringify(name)}:${goSyntax(item)}`).join(", ")}}`;
}
