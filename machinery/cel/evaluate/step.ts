// One node of an expression as it is planned: how it is evaluated, and what is known of it beforehand.

import { type CelValue, CelError, isError } from "../values/values.ts";
import type { Attribute, Evaluate, Qualifier } from "./attribute.ts";

export interface Step {
  readonly evaluate: Evaluate;
  /** Set on what fields and indices can be added to. */
  readonly attribute?: Attribute | Branch;
  readonly constant?: CelValue;
}

/** `c ? a : b` with steps behind it: they are added to both. */
export class Branch {
  readonly #condition: Evaluate;
  readonly #yes: Attribute | Branch;
  readonly #no: Attribute | Branch;

  constructor(condition: Evaluate, yes: Attribute | Branch, no: Attribute | Branch) {
    this.#condition = condition;
    this.#yes = yes;
    this.#no = no;
  }

  add(qualifier: Qualifier): void {
    this.#yes.add(qualifier);
    this.#no.add(qualifier);
  }

  readonly resolve: Evaluate = (evaluation) => {
    const condition = this.#condition(evaluation);
    if (condition === true) return this.#yes.resolve(evaluation);
    if (condition === false) return this.#no.resolve(evaluation);
    return isError(condition) ? condition : new CelError("no such overload");
  };
}

export function constantStep(constant: CelValue): Step {
  return { constant, evaluate: () => constant };
}

export function attributeStep(attribute: Attribute): Step {
  return { attribute, evaluate: charged(attribute.resolve, 1) };
}

/** A whole way costs one, a choice between ways nothing of its own. */
export function stepOf(attribute: Attribute | Branch): Step {
  return attribute instanceof Branch ? { attribute, evaluate: attribute.resolve } : attributeStep(attribute);
}

export function charged(evaluate: Evaluate, cost: number): Evaluate {
  return (evaluation) => {
    const value = evaluate(evaluation);
    evaluation.charge(cost);
    return value;
  };
}
