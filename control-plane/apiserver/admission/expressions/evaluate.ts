// Runs expressions of one request one after the other within one budget.

import { endOfLongStep } from "@atoll/base/node/long-step";
import { Pending } from "@atoll/machinery/cel/libraries/authorization";
import type { Outcome, Program } from "@atoll/machinery/cel/program";
import { type CelValue, isError } from "@atoll/machinery/cel/values/values";
import type { AdmissionExpression } from "./compile-expression.ts";
import type { AuthorizationAnswers, ReadVariable } from "./request-variables.ts";

/** What all expressions of one policy and one binding may cost for one request. */
export const POLICY_COST_MAX = 10_000_000;
/** What all match conditions of one webhook or policy may cost for one request. */
export const CONDITIONS_COST_MAX = 2_500_000;

/** Nothing more is run. */
export class OutOfBudget extends Error {
  constructor() {
    super("validation failed due to running out of cost budget, no further validation rules will be run");
  }
}

export type Evaluated = { readonly value: CelValue } | { readonly error: string };

export class ExpressionRunner {
  readonly #read: ReadVariable;
  readonly #answers: AuthorizationAnswers;
  #budget: number;

  constructor(parts: {
    readonly read: ReadVariable;
    readonly answers: AuthorizationAnswers;
    readonly budget: number;
  }) {
    this.#read = parts.read;
    this.#answers = parts.answers;
    this.#budget = parts.budget;
  }

  /** Throws OutOfBudget. */
  async run({ text, program, error }: AdmissionExpression): Promise<Evaluated> {
    if (!program) return { error: `compilation error: ${error ?? ""}` };
    // One may take as long as a whole request.
    await endOfLongStep();
    const { value, cost } = await this.#runToEnd(program);
    this.charge(cost);
    return isError(value) ? { error: `expression '${text}' resulted in error: ${value.message}` } : { value };
  }

  charge(cost: number): void {
    if (cost > this.#budget) throw new OutOfBudget();
    this.#budget -= cost;
  }

  async #runToEnd(program: Program): Promise<Outcome> {
    for (;;) {
      try {
        return program.run(this.#read);
      } catch (thrown) {
        if (!(thrown instanceof Pending)) throw thrown;
        await this.#answers.answer(thrown.question);
      }
    }
  }
}
