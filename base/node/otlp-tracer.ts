// Spans for a collector, sent in batches with OTLP over gRPC. What the collector does not take in time is dropped: no work waits for
// it, and the memory it may hold has a limit.

import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer as OtelTracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { toError } from "../errors.ts";
import { type Span, type SpanAttributes, type TracedRequest, type Tracer, untraced } from "../tracing.ts";

/** Spans that wait for the collector; those beyond are dropped. */
const QUEUE_SPANS_MAX = 2048;
const VALUE_LENGTH_MAX = 1024;
/** At the end, for what is still to be sent. */
const EXPORT_TIMEOUT_MS = 5_000;
const MILLION = 1_000_000;

export interface OtlpTracerOptions {
  /** As OpenTelemetry's "service.name". */
  readonly service: string;
  /** "host:port" of the collector, which is spoken to without TLS, as upstream does. */
  readonly endpoint: string;
  /** Of the requests whose senders do not say it, so many are recorded. */
  readonly samplesPerMillion: number;
}

export class OtlpTracer implements Tracer, AsyncDisposable {
  readonly #provider: TracerProvider;
  readonly #tracer: OtelTracer;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #active = new AsyncLocalStorage<Context>();

  constructor({ service, samplesPerMillion }: OtlpTracerOptions, exporter: SpanExporter) {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ "service.name": service }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplesPerMillion / MILLION) }),
      spanLimits: { attributeValueLengthLimit: VALUE_LENGTH_MAX },
      spanProcessors: [
        new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_SPANS_MAX, exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
      ],
    });
    this.#tracer = this.#provider.getTracer(service);
  }

  static open(options: OtlpTracerOptions): OtlpTracer {
    const url = `http://${options.endpoint}`;
    return new OtlpTracer(options, new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }));
  }

  /** Sends what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.shutdown();
  }

  inSpan<T>(name: string, attributes: SpanAttributes, work: (span: Span) => T): T {
    const parent = this.#active.getStore();
    // Work of the program's own accord is nobody's request: it would be traces of one span each.
    if (!parent) return untraced.inSpan(name, attributes, work);
    const span = this.#tracer.startSpan(name, { attributes }, parent);
    return this.#run(span, parent, { work, tellsErrors: true });
  }

  inRequestSpan<T>(
    name: string,
    { headers, isTrusted }: TracedRequest,
    attributes: SpanAttributes,
    work: (span: Span) => T,
  ): T {
    const sent = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const sender = isTrusted ? undefined : trace.getSpanContext(sent);
    const links = sender ? [{ context: sender }] : [];
    const parent = isTrusted ? sent : ROOT_CONTEXT;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, links }, parent);
    return this.#run(span, parent, { work, tellsErrors: false });
  }

  outgoingHeaders(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    const active = this.#active.getStore();
    if (active) this.#propagator.inject(active, headers, defaultTextMapSetter);
    return headers;
  }

  #run<T>(
    span: OtelSpan,
    parent: Context,
    { work, tellsErrors }: { readonly work: (span: Span) => T; readonly tellsErrors: boolean },
  ): T {
    const told = new ToldSpan(span);
    const failed = (error: unknown): never => {
      if (tellsErrors) told.fail(error);
      span.end();
      throw error;
    };
    let result: T;
    try {
      result = this.#active.run(trace.setSpan(parent, span), work, told);
    } catch (error) {
      return failed(error);
    }
    if (result instanceof Promise) {
      const ended = result.then((value: unknown) => {
        span.end();
        return value;
      }, failed);
      return ended as T; // a promise of the same value
    }
    span.end();
    return result;
  }
}

class ToldSpan implements Span {
  readonly #span: OtelSpan;

  constructor(span: OtelSpan) {
    this.#span = span;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  fail(error: unknown): void {
    const { message } = toError(error);
    this.#span.recordException(toError(error));
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
}
