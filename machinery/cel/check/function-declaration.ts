// What functions there are: their overloads, written as people read them, and what they do.
//
//   declare("startsWith", [overload("string.(string) -> bool", "starts_with_string", (text, prefix) => ...)])

import type { CelValue } from "../values/values.ts";
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  opaqueType,
  optionalOf,
  STRING,
  TIMESTAMP,
  typeOf,
  typeParameter,
  UINT,
} from "./cel-type.ts";

/** Arguments are as the signature says, the target first, and none is an error. */
export type Implementation = (...values: never[]) => CelValue;

export interface Overload {
  /** Upstream's name for it; costs are counted by it. */
  readonly id: string;
  readonly isMember: boolean;
  /** The target's type first. */
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  readonly run: Implementation | undefined;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly overloads: readonly Overload[];
  /** For all overloads, whatever the types of the values: it looks itself. */
  readonly runAny: ((...values: readonly CelValue[]) => CelValue) | undefined;
}

export function declare(
  name: string,
  overloads: readonly Overload[],
  runAny?: (...values: readonly CelValue[]) => CelValue,
): FunctionDeclaration {
  return { name, overloads, runAny };
}

/** The signature: "(int, int) -> int", or "string.(int) -> string" of one with a target. A capital is a type parameter. */
export function overload(signature: string, id: string, run?: Implementation): Overload {
  const match = /^(?:(.+)\.)?\((.*)\) -> (.+)$/.exec(signature);
  if (!match) throw new Error(`"${signature}" is no signature`);
  const [, target, given = "", result = ""] = match;
  const parameters = [...(target === undefined ? [] : [target]), ...splitTypes(given)].map(readType);
  return { id, isMember: target !== undefined, parameters, result: readType(result), run };
}

const PLAIN: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  null: NULL,
  timestamp: TIMESTAMP,
  duration: DURATION,
  dyn: DYN,
};

function readType(text: string): CelType {
  const known = PLAIN[text];
  if (known) return known;
  if (/^[A-Z]$/.test(text)) return typeParameter(text);
  const [, name = "", inner = ""] = /^([\w.]+)\((.*)\)$/.exec(text) ?? [];
  const [first = DYN, second = DYN] = splitTypes(inner).map(readType);
  switch (name) {
    case "list":
      return listOf(first);
    case "map":
      return mapOf(first, second);
    case "optional":
      return optionalOf(first);
    case "type":
      return typeOf(first);
    case "":
      return opaqueType(text);
    default:
      throw new Error(`"${text}" is no type`);
  }
}

/** At the commas that stand in no brackets. */
function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, character] of Array.from(text).entries()) {
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  const last = text.slice(start).trim();
  return last === "" ? parts : [...parts, last];
}
