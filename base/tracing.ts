// What a program does, told as spans (OpenTelemetry): each piece of work with its name and time, inside the one it is a part of.

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  /** Adds to what is told of the work. */
  set(attributes: SpanAttributes): void;
  fail(error: unknown): void;
}

/** A request from another program, which may be part of a trace already. */
export interface TracedRequest {
  /** Names in lower case; "traceparent" and "tracestate" are read (W3C Trace Context). */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * Whether the sender decides that the request is recorded, and its trace goes on here. Others begin a trace of their own, with
   * a link to theirs.
   */
  readonly isTrusted: boolean;
}

export interface Tracer {
  /** Does the work as part of the work it is called in. What it throws or rejects with is told, and passed on. */
  inSpan<T>(name: string, attributes: SpanAttributes, work: (span: Span) => T): T;
  /** The same for a whole request. Only the work knows what counts as a failure, and says so to the span. */
  inRequestSpan<T>(name: string, request: TracedRequest, attributes: SpanAttributes, work: (span: Span) => T): T;
  /** To be sent with a call to another program, so that its work becomes part of this. */
  outgoingHeaders(): Readonly<Record<string, string>>;
}

const unheard: Span = { set: () => {}, fail: () => {} };

/** Tells nobody. */
export const untraced: Tracer = {
  inSpan: (_name, _attributes, work) => work(unheard),
  inRequestSpan: (_name, _request, _attributes, work) => work(unheard),
  outgoingHeaders: () => ({}),
};
