// What a user types and what must come of it, as data. A script is run line by line on Atoll and on upstream at once; what the two
// print is compared after what no two servers agree on has been settled.

export interface Step {
  /** A line for a shell. */
  readonly run: string;
  /** 0 where it is left out. */
  readonly code?: number;
  /** What must stand in the output; all of them. */
  readonly stdout?: RegExp | readonly RegExp[];
  readonly stderr?: RegExp;
  /** Asked again until it is as expected: controllers have a part in it. */
  readonly eventually?: boolean;
  /** False where the two outputs have nothing to do with each other; the expectations hold for both all the same. */
  readonly compared?: boolean;
  /** Left out on upstream: it is about something that only Atoll serves. */
  readonly ownOnly?: boolean;
}

export interface Script {
  readonly name: string;
  /** Written into the directory before the first line. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** A line that has to succeed, and what its output must hold. */
export function line(run: string, ...stdout: RegExp[]): Step {
  return { run, stdout };
}

/** A line that has to fail, and what it must complain of. */
export function refused(run: string, stderr: RegExp, code = 1): Step {
  return { run, stderr, code };
}

/** A line that is asked again until its output is as expected. */
export function eventually(run: string, ...stdout: RegExp[]): Step {
  return { run, stdout, eventually: true };
}
