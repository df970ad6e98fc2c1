/** One thing a check found: where, which rule, and what to do instead. */
export interface Breach {
  /** Path from the repository's root. */
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Prints what a check found and sets the exit code. */
export function report(check: string, filesSeen: number, breaches: readonly Breach[]): void {
  for (const breach of breaches) console.error(`${breach.file}:${breach.line}  ${breach.rule}  ${breach.message}`);
  console.log(`${check}: ${breaches.length === 0 ? "clean" : `${breaches.length} found`}, ${filesSeen} files`);
  if (breaches.length > 0) process.exitCode = 1;
}
