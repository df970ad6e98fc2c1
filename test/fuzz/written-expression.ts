import type { CelType } from "@atoll/machinery/cel/check/cel-type";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { expression } from "./expressions.ts";
import { type Named, typedExpression } from "./typed-expressions.ts";

/** Most such that the checker takes, for only these are evaluated. A policy has several, and is refused for one. */
const TYPED_SHARE = 0.88;

/** Of the type, or one that only looks like an expression. */
export function writtenExpression(
  random: Random,
  type: CelType,
  options: { readonly names: readonly Named[]; readonly variables: readonly string[]; readonly depth?: number },
): string {
  const { names, variables, depth } = options;
  if (chance(random, TYPED_SHARE)) return typedExpression(random, type, names, depth);
  const text = expression(random, variables);
  return type.kind === "bool" && chance(random, 0.6)
    ? pick(random, [`dyn(${text}) != null`, `(${text}) == (${text})`, `type(${text}) == type(1) || true`])
    : text;
}
