import { regularExpression } from "../regular-expression.ts";

/** Undefined: no regular expression. A match anywhere in the text counts. */
export function patternOf(pattern: string): { readonly test: (text: string) => boolean } | undefined {
  const expression = regularExpression(pattern);
  return expression instanceof Error ? undefined : { test: (text) => expression.matcher(text).find() };
}
