/** Expression, outcome as the language writes it (or "compile: ", "program: ", "error: " and the message), cost, least, most. */
export type ExpressionCase =
  | readonly [expression: string, outcome: string]
  | readonly [expression: string, outcome: string, cost: number, least: number, most: number];

export const UNBOUNDED = 2 ** 64;
/** More than anything is allowed, by sizes that nothing limits. */
export const HUGE = Number.POSITIVE_INFINITY;
