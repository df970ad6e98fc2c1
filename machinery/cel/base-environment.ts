// The functions that every expression in Kubernetes 1.36 may call. Variables come on top.

import type { Environment } from "./check/environment.ts";
import type { FunctionDeclaration } from "./check/function-declaration.ts";
import { CONVERSIONS } from "./libraries/conversions.ts";
import { OPERATORS } from "./libraries/operators.ts";
import { TEXT } from "./libraries/text.ts";

const LIBRARIES: readonly (readonly FunctionDeclaration[])[] = [OPERATORS, CONVERSIONS, TEXT];

const BASE: Environment = {
  variables: new Map(),
  functions: joined(LIBRARIES),
  objectNamed: () => undefined,
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
