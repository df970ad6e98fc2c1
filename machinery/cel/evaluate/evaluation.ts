// One run of a program: what it has cost, and the variables it sees.

import type { CelValue } from "../values/values.ts";

/** Thrown when a run costs more than it may. */
export class CostExceeded extends Error {
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** Undefined: the variable has no value in this run. */
export type Variables = (name: string) => CelValue | undefined;

export class Evaluation {
  readonly variables: Variables;
  readonly #costMax: number;
  cost = 0;
  /** Variables of loops; the plan knows their places. */
  readonly slots: (CelValue | undefined)[] = [];

  constructor(variables: Variables, costMax: number) {
    this.variables = variables;
    this.#costMax = costMax;
  }

  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#costMax) throw new CostExceeded();
  }
}
