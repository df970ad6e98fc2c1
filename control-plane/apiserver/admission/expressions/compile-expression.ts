// An expression of a webhook or a policy, as it is kept for the requests to come.

import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import type { CelType } from "@atoll/machinery/cel/check/cel-type";
import type { Environment } from "@atoll/machinery/cel/check/environment";
import { compile, type Program } from "@atoll/machinery/cel/program";

/** An expression ready to run, or why it never will be. */
export interface AdmissionExpression {
  readonly text: string;
  readonly program?: Program;
  readonly error?: string;
}

export function compileExpression(
  text: string,
  environment: Environment,
  results?: readonly CelType[],
): AdmissionExpression {
  const compiled = compile(text, environment, results ? { results } : {});
  return "error" in compiled ? { text, error: compiled.error } : { text, program: compiled.program };
}

/** One that is missing is a fault of its own. */
export function expressionFaults({ text, error }: AdmissionExpression, path: string): FieldError[] {
  return error === undefined || text.trim() === "" ? [] : [invalidValue(path, text, error)];
}
