import { CodedError } from "@atoll/base/errors";

/** What hostd answered instead of a result: its own code, or one of the two that this side knows. */
export class HostdError extends CodedError<string> {
  /** hostd is not there or does not answer: a restart, usually. Worth a retry. */
  static readonly unavailable = "Unavailable";
  static readonly notFound = "NotFound";

  readonly status: number;

  constructor(code: string, message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(code, message, options);
    this.status = options.status ?? 0;
  }

  static isNotFound(thrown: unknown): boolean {
    return thrown instanceof HostdError && thrown.status === 404;
  }
}
