// Which implementation a call runs. Where the checker left one, that one, if the values are what it takes; where it left
// several (a dynamic operand), the first that takes the values.

import type { CelType } from "../check/cel-type.ts";
import { itemOf, mapValueOf } from "../check/cel-type.ts";
import type { FunctionDeclaration, Overload } from "../check/function-declaration.ts";
import type { Call } from "../syntax/ast.ts";
import {
  CelError,
  CelList,
  CelMap,
  type CelValue,
  Duration,
  isError,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
} from "../values/values.ts";

export type Run = (values: readonly CelValue[]) => CelValue;

export function dispatcherFor(declared: FunctionDeclaration, call: Call): Run {
  const { runAny } = declared;
  if (runAny) return (values) => runAny(...values);
  const [only, ...more] = call.overloads ?? [];
  if (only && more.length === 0) return (values) => runIfFits(only, values) ?? noSuchOverload(declared.name, values);
  return (values) => {
    for (const candidate of declared.overloads) {
      const result = runIfFits(candidate, values);
      if (result !== undefined) return result;
    }
    return noSuchOverload(declared.name, values);
  };
}

function runIfFits(candidate: Overload, values: readonly CelValue[]): CelValue | undefined {
  const { parameters, run } = candidate;
  if (!run || parameters.length !== values.length) return undefined;
  for (const [index, parameter] of parameters.entries())
    if (!isOfType(values[index] ?? null, parameter)) return undefined;
  // The values are what the signature says, and so what the implementation takes.
  return (run as (...given: readonly CelValue[]) => CelValue)(...values);
}

export function noSuchOverload(name: string, values: readonly CelValue[]): CelError {
  const error = values.find(isError);
  return error ?? new CelError(`no such overload: ${name}(${values.map(typeNameOf).join(", ")})`);
}

/** Of lists and maps the first entry speaks for all. */
export function isOfType(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case "dyn":
    case "parameter":
    case "error":
      return true;
    case "bool":
      return typeof value === "boolean";
    case "int":
      return typeof value === "bigint";
    case "double":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "null":
      return value === null;
    case "uint":
      return value instanceof Uint;
    case "bytes":
      return value instanceof Uint8Array;
    case "timestamp":
      return value instanceof Timestamp;
    case "duration":
      return value instanceof Duration;
    case "type":
      return value instanceof TypeValue;
    case "list":
      return value instanceof CelList && (value.size === 0 || isOfType(value.at(0), itemOf(type)));
    case "map":
      return value instanceof CelMap && isMapOfType(value, type);
    case "object":
      return value instanceof CelMap;
    case "opaque":
      if (type.name === "optional_type") return value instanceof Optional;
      return value instanceof Opaque && value.typeName === type.name;
  }
}

function isMapOfType(map: CelMap, type: CelType): boolean {
  for (const key of map.keys()) return isOfType(key, itemOf(type)) && isOfType(map.get(key) ?? null, mapValueOf(type));
  return true;
}
