// Patterns are written for Go's expressions; what both languages have means the same in both.

const compiled = new Map<string, RegExp | undefined>();
/** Far more than all schemas of a cluster hold; forgotten all at once when it is reached. */
const COMPILED_MAX = 10_000;

/** Undefined: no regular expression. */
export function patternOf(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = compile(pattern);
  compiled.set(pattern, made);
  return made;
}

function compile(pattern: string): RegExp | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const source = pattern
    .slice(flags?.[0].length ?? 0)
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$");
  // Unicode mode refuses needless escapes, which Go allows for punctuation.
  for (const mode of ["u", ""]) {
    try {
      return new RegExp(source, (flags?.[1] ?? "") + mode);
    } catch {
      // The next mode may read it; if none does, the answer is undefined.
    }
  }
  return undefined;
}
