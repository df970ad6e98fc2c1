// What the language itself can do with strings: search them, and match them against patterns.

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { regularExpression } from "../../object/regular-expression.ts";
import { CelError, type CelValue } from "../values/values.ts";

export const TEXT: readonly FunctionDeclaration[] = [
  declare("contains", [
    overload("string.(string) -> bool", "contains_string", (text: string, part: string) => text.includes(part)),
  ]),
  declare("endsWith", [
    overload("string.(string) -> bool", "ends_with_string", (text: string, end: string) => text.endsWith(end)),
  ]),
  declare("startsWith", [
    overload("string.(string) -> bool", "starts_with_string", (text: string, start: string) => text.startsWith(start)),
  ]),
  declare("matches", [
    overload("(string, string) -> bool", "matches", matches),
    overload("string.(string) -> bool", "matches_string", matches),
  ]),
];

function matches(text: string, pattern: string): CelValue {
  const expression = regularExpression(pattern);
  return expression instanceof Error ? new CelError(expression.message) : expression.matcher(text).find();
}
