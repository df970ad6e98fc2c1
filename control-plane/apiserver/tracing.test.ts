import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import type { Span, SpanAttributes, TracedRequest, Tracer } from "@atoll/base/tracing";
import { MemoryStore } from "../store/memory/memory-store.ts";
import { TracedStore } from "../store/traced-store.ts";
import { TestServer } from "./test-server.ts";

interface Told {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly request?: TracedRequest;
  hasFailed: boolean;
}

class KeptTracer implements Tracer {
  told: Told[] = [];

  inSpan<T>(name: string, attributes: SpanAttributes, work: (span: Span) => T): T {
    return work(this.#tell({ name, attributes: { ...attributes }, hasFailed: false }));
  }

  inRequestSpan<T>(name: string, request: TracedRequest, attributes: SpanAttributes, work: (span: Span) => T): T {
    return work(this.#tell({ name, attributes: { ...attributes }, request, hasFailed: false }));
  }

  outgoingHeaders() {
    return {};
  }

  #tell(told: Told): Span {
    this.told.push(told);
    return {
      set: (attributes) => void Object.assign(told.attributes, attributes),
      fail: () => {
        told.hasFailed = true;
      },
    };
  }
}

test("a request is told with what is done for it, and whose trace it may be part of", async () => {
  const tracer = new KeptTracer();
  await using store = new TracedStore(new MemoryStore(systemClock), tracer, "memory");
  await using server = await TestServer.start(store, { tracer });
  tracer.told = [];
  const path = "/api/v1/namespaces/default/configmaps";
  const { headers } = await server.call("POST", path, { body: { metadata: { name: "a" } } });
  assert.deepEqual(
    tracer.told.map(({ name }) => name),
    ["POST /api/v1/namespaces/{:namespace}/configmaps", "Admission mutate", "Admission validate", "Txn"],
  );
  const [request, , , transaction] = tracer.told;
  assert.equal(request?.request?.isTrusted, true);
  assert.equal(request?.attributes["http.response.status_code"], 201);
  assert.equal(request?.attributes["audit-id"], headers["audit-id"]);
  assert.equal(transaction?.attributes["store.key"], "/registry/configmaps/default/a");
  assert.equal(transaction?.attributes["store.committed"], true);

  tracer.told = [];
  const user = { name: "bob", groups: ["system:authenticated"] };
  await server.call("GET", `${path}/a`, { user });
  const [refused] = tracer.told;
  assert.equal(refused?.name, "GET /api/v1/namespaces/{:namespace}/configmaps/{:name}");
  assert.equal(refused?.request?.isTrusted, false);
  assert.deepEqual([refused?.attributes["http.response.status_code"], refused?.hasFailed], [403, false]);
});
