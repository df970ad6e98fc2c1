// What is wrong with a regular expression that a schema gives, as upstream's library would say it.

/** Undefined: nothing. */
export function patternFault(pattern: string): string | undefined {
  // Go's inline flags, then this language's own syntax.
  const source = pattern.replace(/^\(\?[ims]+\)/, "");
  for (const mode of ["u", ""]) {
    try {
      return new RegExp(source, mode) && undefined;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return `error parsing regexp: ${wordsFor(pattern)}`;
}

function wordsFor(pattern: string): string {
  const opened = (pattern.match(/(?<!\\)\(/g) ?? []).length;
  const closed = (pattern.match(/(?<!\\)\)/g) ?? []).length;
  if (opened > closed) return `missing closing ): \`${pattern}\``;
  if (closed > opened) return `unexpected ): \`${pattern}\``;
  const bracket = /(?<!\\)\[[^\]]*$/.exec(pattern);
  if (bracket) return `missing closing ]: \`${bracket[0]}\``;
  const repeated = /^[*+?]/.exec(pattern);
  if (repeated) return `missing argument to repetition operator: \`${repeated[0]}\``;
  return `invalid escape sequence: \`${pattern}\``;
}
