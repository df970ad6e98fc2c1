import pino from "pino";
import type { LogFields, Logger } from "../log.ts";

export type LogLevel = "debug" | "info" | "error";

/** A logger that writes one JSON line per call to standard error, the whole chain of causes of an error included. */
export function createLogger(options: { readonly component: string; readonly level: LogLevel }): Logger {
  const sink = pino(
    { level: options.level, base: { component: options.component }, serializers: { error: serializeError } },
    pino.destination({ dest: 2, sync: true }),
  );
  return wrap(sink);
}

function wrap(sink: pino.Logger): Logger {
  return {
    debug: (message, fields) => sink.debug(fields ?? {}, message),
    info: (message, fields) => sink.info(fields ?? {}, message),
    error: (message, fields) => sink.error(fields ?? {}, message),
    with: (fields: LogFields) => wrap(sink.child(fields)),
  };
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}
