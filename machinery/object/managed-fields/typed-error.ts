/** A value does not fit its schema so far that nobody could say which of its fields are which. */
export class TypedValueError extends Error {
  override readonly name = "TypedValueError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const [only] = problems;
    super(
      problems.length === 1 && only !== undefined
        ? only
        : ["errors:", ...problems.map((text) => `  ${text}`)].join("\n"),
    );
    this.problems = problems;
  }
}
