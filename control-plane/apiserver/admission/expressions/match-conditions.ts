// Match conditions: a webhook or a policy is only asked when all of them hold.

import type { MatchCondition } from "@atoll/api/generated/types";
import type { FieldError } from "@atoll/api/kind";
import { BOOL } from "@atoll/machinery/cel/check/cel-type";
import { admissionEnvironment } from "@atoll/machinery/cel/admission/environment";
import { type AdmissionExpression, compileExpression, expressionFaults } from "./compile-expression.ts";
import { CONDITIONS_COST_MAX, ExpressionRunner, OutOfBudget } from "./evaluate.ts";
import type { RequestFacts, ReadVariable } from "./request-variables.ts";

export interface CompiledCondition {
  readonly name: string;
  readonly expression: AdmissionExpression;
}

export function compileConditions(conditions: readonly MatchCondition[], hasParams: boolean): CompiledCondition[] {
  if (conditions.length === 0) return [];
  const environment = admissionEnvironment({ hasParams, hasAuthorizer: true });
  return conditions.map(({ name, expression }) => ({
    name,
    expression: compileExpression(expression.trim(), environment, [BOOL]),
  }));
}

export function conditionFaults(conditions: readonly CompiledCondition[], path: string): FieldError[] {
  return conditions.flatMap(({ expression }, index) => expressionFaults(expression, `${path}[${index}].expression`));
}

export type ConditionsVerdict = { readonly matches: boolean } | { readonly error: string };

/** One that does not hold decides; errors only count where all others hold. Namespaces are not looked at here. */
export async function holdConditions(
  conditions: readonly CompiledCondition[],
  { answers }: Pick<RequestFacts, "answers">,
  read: ReadVariable,
): Promise<ConditionsVerdict> {
  if (conditions.length === 0) return { matches: true };
  const withoutNamespace: ReadVariable = (name) => (name === "namespaceObject" ? null : read(name));
  const runner = new ExpressionRunner({ read: withoutNamespace, answers, budget: CONDITIONS_COST_MAX });
  const errors: string[] = [];
  try {
    for (const { expression } of conditions) {
      const outcome = await runner.run(expression);
      if ("error" in outcome) errors.push(outcome.error);
      else if (outcome.value === false) return { matches: false };
    }
  } catch (error) {
    if (!(error instanceof OutOfBudget)) throw error;
    return { error: error.message };
  }
  if (errors.length === 0) return { matches: true };
  return { error: errors.length === 1 ? errors.join("") : `[${errors.join(", ")}]` };
}
