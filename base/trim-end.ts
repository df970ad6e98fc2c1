/**
 * Without the characters of this sort that the text ends with. By hand, for the expression that says it (`/x+$/`) tries each of a
 * long row of them as the beginning of the end, which takes the square of its length.
 */
export function trimEnd(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}
