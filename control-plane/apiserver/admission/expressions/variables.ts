// `variables.x` of a policy: expressions with names, each worked out once for a request, and only if another asks for it.

import type { Variable } from "@atoll/api/generated/types";
import { withVariables } from "@atoll/machinery/cel/admission/environment";
import { type CelType, DYN } from "@atoll/machinery/cel/check/cel-type";
import type { Environment } from "@atoll/machinery/cel/check/environment";
import { CelError, CelMap, type CelValue, isError } from "@atoll/machinery/cel/values/values";
import { type AdmissionExpression, compileExpression } from "./compile-expression.ts";
import type { ReadVariable } from "./request-variables.ts";

export interface CompiledVariables {
  readonly expressions: ReadonlyMap<string, AdmissionExpression>;
  readonly types: ReadonlyMap<string, CelType>;
}

/** Each may use those before it. */
export function compileVariables(variables: readonly Variable[], environment: Environment): CompiledVariables {
  const expressions = new Map<string, AdmissionExpression>();
  const types = new Map<string, CelType>();
  for (const { name, expression } of variables) {
    const compiled = compileExpression(expression, withVariables(environment, new Map(types)));
    expressions.set(name, compiled);
    types.set(name, compiled.program?.type ?? DYN);
  }
  return { expressions, types };
}

/** `charge` is told what each has cost when it is worked out. */
export class LazyVariables extends CelMap {
  readonly #expressions: ReadonlyMap<string, AdmissionExpression>;
  readonly #read: ReadVariable;
  readonly #charge: (cost: number) => void;
  readonly #known = new Map<string, CelValue>();

  constructor(
    { expressions }: CompiledVariables,
    parts: { readonly read: ReadVariable; readonly charge: (cost: number) => void },
  ) {
    super();
    this.#expressions = expressions;
    this.#read = parts.read;
    this.#charge = parts.charge;
  }

  get size(): number {
    return this.#expressions.size;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const expression = this.#expressions.get(key);
    if (!expression) return undefined;
    const value = this.#work(key, expression);
    this.#known.set(key, value);
    return value;
  }

  keys(): Iterable<CelValue> {
    return this.#expressions.keys();
  }

  #work(name: string, { program, error }: AdmissionExpression): CelValue {
    const shown = JSON.stringify(name);
    if (!program) return new CelError(`composited variable ${shown} fails to compile: ${error ?? ""}`);
    const { value, cost } = program.run(this.#read);
    this.#charge(cost);
    return isError(value) ? new CelError(`composited variable ${shown} fails to evaluate: ${value.message}`) : value;
  }
}
