// Structured logging. The message is constant, values go into fields, objects as { kind, namespace, name }, durations as
// `...Ms`. No secret, token or certificate key ever goes into a field.

export interface Logger {
  /** For a developer: every step. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator would want to have tomorrow. */
  info(message: string, fields?: LogFields): void;
  /** Something is wrong that the part could not mend by itself. Put the error into the field `error`. */
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line, usually `{ component }` or the object worked on. */
  with(fields: LogFields): Logger;
}

export type LogFields = Readonly<Record<string, unknown>>;

/** Drops everything; for tests that do not look at the log. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  error: () => {},
  with: () => silentLogger,
};
