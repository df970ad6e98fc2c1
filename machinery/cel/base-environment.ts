// The functions that every expression in Kubernetes 1.36 may call. Variables come on top.

import type { Environment } from "./check/environment.ts";
import type { FunctionDeclaration } from "./check/function-declaration.ts";
import { ADDRESSES } from "./libraries/addresses.ts";
import { AUTHORIZATION } from "./libraries/authorization.ts";
import { CONVERSIONS } from "./libraries/conversions.ts";
import { LISTS } from "./libraries/lists.ts";
import { NAMED_FORMATS } from "./libraries/formats.ts";
import { OPERATORS } from "./libraries/operators.ts";
import { OPTIONALS } from "./libraries/optionals.ts";
import { QUANTITIES } from "./libraries/quantities.ts";
import { STRINGS } from "./libraries/strings.ts";
import { TEXT } from "./libraries/text.ts";
import { TIMES } from "./libraries/times.ts";
import { URLS } from "./libraries/urls.ts";
import { VERSIONS } from "./libraries/versions.ts";

const LIBRARIES: readonly (readonly FunctionDeclaration[])[] = [
  ...[OPERATORS, CONVERSIONS, TEXT, TIMES],
  ...[OPTIONALS, LISTS, STRINGS],
  ...[URLS, QUANTITIES, ADDRESSES, NAMED_FORMATS, AUTHORIZATION, VERSIONS],
];

const BASE: Environment = {
  variables: new Map(),
  functions: joined(LIBRARIES),
  objectNamed: () => undefined,
  macros: [],
};

export function baseEnvironment(): Environment {
  return BASE;
}

/** Two libraries may have overloads of one function. */
function joined(libraries: readonly (readonly FunctionDeclaration[])[]): Map<string, FunctionDeclaration> {
  const functions = new Map<string, FunctionDeclaration>();
  for (const declared of libraries.flat()) {
    const known = functions.get(declared.name);
    if (known?.runAny || (known && declared.runAny)) throw new Error(`"${declared.name}" cannot be joined`);
    functions.set(
      declared.name,
      known ? { ...known, overloads: [...known.overloads, ...declared.overloads] } : declared,
    );
  }
  return functions;
}
