// Regular expressions as Go reads them, in time that grows with the text alone: a pattern that a user wrote can never hold
// up the server.

import { RE2JS } from "re2js";

/** Far more than all schemas and policies of a cluster hold; forgotten all at once when it is reached. */
const COMPILED_MAX = 10_000;

const compiled = new Map<string, RE2JS | Error>();

/** An Error: no regular expression, and why. Compiled once for each pattern. */
export function regularExpression(pattern: string): RE2JS | Error {
  const known = compiled.get(pattern);
  if (known) return known;
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  const made = compile(pattern);
  compiled.set(pattern, made);
  return made;
}

function compile(pattern: string): RE2JS | Error {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
