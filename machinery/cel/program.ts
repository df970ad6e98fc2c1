// The front door: an expression becomes a program, or an explanation why not; a program is run with values and gives a
// value, or an error. Neither ever throws for anything an expression or a value may be, and no run goes on for long.
//
//   const compiled = compile("object.spec.replicas <= 5", extendEnvironment(baseEnvironment(), { variables: { object: DYN } }))
//   if ("program" in compiled) compiled.program.run({ object: toCel(object) })

import { ownValue } from "@atoll/base/own-value";
import { check } from "./check/checker.ts";
import { type CelType, isSameType } from "./check/cel-type.ts";
import type { Environment } from "./check/environment.ts";
import { literalComplaints } from "./check/literals.ts";
import { nameOfType } from "./check/type-names.ts";
import { estimateCost } from "./cost/estimate.ts";
import type { SizeOfPath } from "./cost/operand.ts";
import type { CostRange } from "./cost/range.ts";
import type { Evaluate } from "./evaluate/attribute.ts";
import { CostExceeded, Evaluation, type Variables } from "./evaluate/evaluation.ts";
import { PlanError, planExpression } from "./evaluate/plan.ts";
import { type Expression, partsOf } from "./syntax/ast.ts";
import { parseExpression } from "./syntax/parser.ts";
import { Source } from "./syntax/source.ts";
import { CelError, type CelValue } from "./values/values.ts";

/** What one run may cost: about a tenth of a second on upstream's scale. */
export const CALL_COST_MAX = 1_000_000;

export type Compilation = { readonly program: Program } | { readonly error: string };

export interface CompileOptions {
  /** What the outcome may be. Left out: anything. */
  readonly results?: readonly CelType[];
}

export interface Outcome {
  readonly value: CelValue | CelError;
  /** In upstream's units; what was spent up to the error, if it is one. */
  readonly cost: number;
  /** The value is an error for that reason. */
  readonly isTooExpensive: boolean;
}

/** Errors are in upstream's words: "compilation failed: ERROR: <input>:1:5: ...", "must evaluate to bool but got int". */
export function compile(text: string, environment: Environment, options: CompileOptions = {}): Compilation {
  const checked = parseAndCheck(text, environment);
  if ("error" in checked) return { error: `compilation failed: ${checked.error}` };
  const { expression, type } = checked;
  const { results } = options;
  if (results && !results.some((wanted) => isSameType(type, wanted) || wanted.name === "any")) {
    const names = results.map(nameOfType);
    const wanted = names.length === 1 ? names.join("") : `one of [${names.join(" ")}]`;
    return { error: `must evaluate to ${wanted} but got ${nameOfType(type)}` };
  }
  try {
    return { program: new Program({ expression, type, evaluate: planExpression(expression, environment) }) };
  } catch (error) {
    if (error instanceof PlanError) return { error: `program instantiation failed: ${error.message}` };
    throw error;
  }
}

/** Only whether it is sound, and of what type. The error is upstream's list of complaints, each with its place. */
export function parseAndCheck(
  text: string,
  environment: Environment,
): { readonly expression: Expression; readonly type: CelType } | { readonly error: string } {
  const source = new Source(text);
  const { expression, complaints } = parseExpression(source, environment.macros);
  if (!expression) return { error: source.show(complaints) };
  const checked = check(expression, environment);
  if (checked.complaints.length > 0) return { error: source.show(checked.complaints) };
  const literals = literalComplaints(expression);
  return literals.length > 0 ? { error: source.show(literals) } : { expression, type: checked.type };
}

export class Program {
  /** Of the outcome. */
  readonly type: CelType;
  readonly #expression: Expression;
  readonly #evaluate: Evaluate;

  constructor(parts: { readonly expression: Expression; readonly type: CelType; readonly evaluate: Evaluate }) {
    this.type = parts.type;
    this.#expression = parts.expression;
    this.#evaluate = parts.evaluate;
  }

  /** Whether the expression speaks of the variable. */
  uses(variable: string): boolean {
    return mentions(this.#expression, variable);
  }

  /** Whether it reads that field of the variable: `variable.field`, `has(variable.field)`, `variable.?field`. */
  selects(variable: string, field: string): boolean {
    return selects(this.#expression, variable, field);
  }

  /** The most a run can cost, given how large values can get. */
  estimateCost(sizeOfPath: SizeOfPath): CostRange {
    return estimateCost(this.#expression, sizeOfPath);
  }

  run(variables: Readonly<Record<string, CelValue>> | Variables, costMax: number = CALL_COST_MAX): Outcome {
    const read = typeof variables === "function" ? variables : (name: string) => ownValue(variables, name);
    const evaluation = new Evaluation(read, costMax);
    try {
      return { value: this.#evaluate(evaluation), cost: evaluation.cost, isTooExpensive: false };
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      return { value: new CelError(error.message), cost: evaluation.cost, isTooExpensive: true };
    }
  }
}

function mentions(expression: Expression, variable: string): boolean {
  if (expression.kind === "identifier") return expression.name === variable;
  if (expression.kind === "selection" && expression.resolved) return expression.resolved.name === variable;
  return partsOf(expression).some((part) => mentions(part, variable));
}

function selects(expression: Expression, variable: string, field: string): boolean {
  const isOf = (operand: Expression | undefined) => operand?.kind === "identifier" && operand.name === variable;
  if (expression.kind === "selection" && expression.field === field && isOf(expression.operand)) return true;
  if (expression.kind === "call" && expression.name === "_?._") {
    const [operand, name] = expression.arguments;
    if (isOf(operand) && name?.kind === "literal" && name.value === field) return true;
  }
  return partsOf(expression).some((part) => selects(part, variable, field));
}
