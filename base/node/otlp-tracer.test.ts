import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { OtlpTracer } from "./otlp-tracer.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const sampled = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
const unsampled = { traceparent: `00-${TRACE}-00f067aa0ba902b7-00` };

class Kept extends InMemorySpanExporter {
  // The end of the tracer is when the test looks.
  override async shutdown(): Promise<void> {}
}

async function spansOf(work: (tracer: OtlpTracer) => Promise<void>, samplesPerMillion = 0) {
  const exporter = new Kept();
  const tracer = new OtlpTracer({ service: "test", endpoint: "", samplesPerMillion }, exporter);
  await work(tracer);
  await tracer[Symbol.asyncDispose]();
  return exporter.getFinishedSpans();
}

test("work is told inside the request it is done for, across waits, and calls carry the trace on", async () => {
  let headers: Readonly<Record<string, string>> = {};
  const [inner, request] = await spansOf(async (tracer) => {
    const result = await tracer.inRequestSpan(
      "request",
      { headers: sampled, isTrusted: true },
      { a: 1 },
      async (span) => {
        await Promise.resolve();
        span.set({ b: true });
        return tracer.inSpan("inner", {}, async () => {
          headers = tracer.outgoingHeaders();
          return 7;
        });
      },
    );
    assert.equal(result, 7);
  });
  assert.deepEqual([inner?.name, request?.name], ["inner", "request"]);
  assert.equal(request?.spanContext().traceId, TRACE);
  assert.equal(request?.parentSpanContext?.spanId, "00f067aa0ba902b7");
  assert.deepEqual(request?.attributes, { a: 1, b: true });
  assert.equal(inner?.parentSpanContext?.spanId, request?.spanContext().spanId);
  assert.equal(headers.traceparent, `00-${TRACE}-${inner?.spanContext().spanId}-01`);
});

test("a trusted sender says whether it is recorded, of all others a share is, in traces of their own", async () => {
  const from = (headers: Record<string, string>, isTrusted: boolean) => async (tracer: OtlpTracer) =>
    tracer.inRequestSpan("request", { headers, isTrusted }, {}, async () => {});
  assert.equal((await spansOf(from(unsampled, true), 1_000_000)).length, 0);
  assert.equal((await spansOf(from(sampled, false), 0)).length, 0);
  const [stranger] = await spansOf(from(sampled, false), 1_000_000);
  assert.notEqual(stranger?.spanContext().traceId, TRACE);
  assert.equal(stranger?.links[0]?.context.traceId, TRACE);
});

test("what fails is passed on and told; work for no request is not", async () => {
  const fail = () => Promise.reject(new Error("broken"));
  const [inner] = await spansOf(async (tracer) => {
    await assert.rejects(tracer.inSpan("alone", {}, fail), /broken/);
    const throwing = () => {
      throw new Error("broken");
    };
    const request = tracer.inRequestSpan("request", { headers: sampled, isTrusted: true }, {}, async () => {
      tracer.inSpan("inner", {}, throwing);
    });
    await assert.rejects(request, /broken/);
  });
  assert.deepEqual([inner?.name, inner?.status.message, inner?.events[0]?.name], ["inner", "broken", "exception"]);
});

test("a collector gets the spans over gRPC", { timeout: 20_000 }, async () => {
  const bodies: Buffer[] = [];
  const collector = collectorOf(bodies);
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  const { port } = collector.address() as AddressInfo;
  const tracer = OtlpTracer.open({ service: "test", endpoint: `127.0.0.1:${port}`, samplesPerMillion: 1_000_000 });
  tracer.inRequestSpan("GET /api/v1/nodes", { headers: {}, isTrusted: false }, {}, () => {});
  await tracer[Symbol.asyncDispose]();
  collector.close();
  assert.match(Buffer.concat(bodies).toString("latin1"), /service\.name.*GET \/api\/v1\/nodes/s);
});

/** Takes what is exported, and says that all is well (gRPC over HTTP/2). */
function collectorOf(bodies: Buffer[]): Http2Server {
  const server = createServer();
  server.on("stream", (stream, headers) => {
    assert.equal(headers[":path"], "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    stream.on("data", (piece: Buffer) => bodies.push(piece));
    stream.on("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.alloc(5));
    });
  });
  return server;
}
