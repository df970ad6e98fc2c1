// The roots of all our errors. A module's own family extends CodedError with a closed union of codes; what crosses the
// Kubernetes API is an ApiError (`machinery/object/api-error.ts`).

/** An operating error with a machine-readable code. The message is a sentence without a full stop, values in quotes. */
export class CodedError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A broken invariant of our own: crashes the part, is never caught to go on. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`Unexpected value ${JSON.stringify(value)}`);
}

/** What a stranger threw, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The messages of an error and its causes in one line: `attach disk: open image: no such file`. */
export function describeError(thrown: unknown): string {
  const messages: string[] = [];
  for (let error = thrown; error !== undefined && messages.length < 8; error = toError(error).cause) {
    messages.push(toError(error).message);
  }
  return messages.join(": ");
}
