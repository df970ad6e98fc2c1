// What the estimate of a call knows of what it is called with.

import type { CelType } from "../check/cel-type.ts";
import type { Expression } from "../syntax/ast.ts";
import type { CostRange } from "./range.ts";

/**
 * How large the value can get that a path leads to: a variable, then names of fields, "@items", "@keys" and "@values".
 * Undefined: nothing is known of it.
 */
export type SizeOfPath = (path: readonly string[]) => CostRange | undefined;

/** An operand, as the estimate of a call sees it. */
export interface Operand {
  readonly type: CelType;
  readonly path: readonly string[] | undefined;
  /** Undefined: it cannot be told. */
  readonly size: CostRange | undefined;
  readonly literal: Extract<Expression, { kind: "literal" }> | undefined;
}
