// What the language itself can do with strings: search them, and match them against patterns.

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { regularExpression } from "../../object/regular-expression.ts";
import { CelError, type CelValue } from "../values/values.ts";

export const TEXT: readonly FunctionDeclaration[] = [
  declare(
    "contains",
    [overload("string.(string) -> bool", "contains_string")],
    onTexts((text, part) => text.includes(part)),
  ),
  declare(
    "endsWith",
    [overload("string.(string) -> bool", "ends_with_string")],
    onTexts((text, end) => text.endsWith(end)),
  ),
  declare(
    "startsWith",
    [overload("string.(string) -> bool", "starts_with_string")],
    onTexts((text, start) => text.startsWith(start)),
  ),
  declare(
    "matches",
    [overload("(string, string) -> bool", "matches"), overload("string.(string) -> bool", "matches_string")],
    onTexts(matches),
  ),
];

/** Operands may be dynamic; upstream names no types where they are wrong. */
function onTexts(run: (text: string, other: string) => CelValue): (...values: readonly CelValue[]) => CelValue {
  return (text = null, other = null) => {
    return typeof text === "string" && typeof other === "string" ? run(text, other) : new CelError("no such overload");
  };
}

function matches(text: string, pattern: string): CelValue {
  const expression = regularExpression(pattern);
  return expression instanceof Error ? new CelError(expression.message) : expression.matcher(text).find();
}
