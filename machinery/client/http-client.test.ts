import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
import { ApiError } from "../object/api-error.ts";
import { CALL_TIMEOUT_MS, HttpClient } from "./http-client.ts";
import { inProcessTransport } from "./in-process.ts";
import { parseJsonLines } from "./json-lines.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";

const Pod: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced" };
const Deployment: Resource = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
};

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function setUp(answer: (request: TransportRequest) => Promise<TransportResponse> | TransportResponse) {
  const clock = new VirtualClock();
  const requests: TransportRequest[] = [];
  const transport = inProcessTransport(async (request) => {
    requests.push(request);
    return answer(request);
  });
  return { clock, requests, client: new HttpClient({ transport, clock, userAgent: "test" }) };
}

const ok = (value: unknown): TransportResponse => ({ status: 200, headers: {}, body: bytes(value) });
const anyPod: KubeObject = { metadata: { name: "a", namespace: "default" } };

test("asks for the paths and with the content types that the API has", async () => {
  const { client, requests } = setUp(() => ok({ ...anyPod, items: [] }));
  await client.get(Pod, { name: "a", namespace: "default" });
  await client.list(Deployment, { limit: 5, continue: "abc", labelSelector: "a=b" });
  await client.create(Pod, anyPod);
  await client.create(Pod, anyPod, { subresource: "binding", name: "a", namespace: "default" });
  await client.update(Deployment, anyPod, { subresource: "status" });
  await client.patch(Pod, { name: "a", namespace: "default" }, { type: "strategic", body: {}, fieldManager: "me" });
  await client.delete(Pod, { name: "a", namespace: "default" }, { gracePeriodSeconds: 0 });
  assert.deepEqual(
    requests.map(({ method, path, headers }) => [method, path, headers["content-type"]].filter(Boolean).join(" ")),
    [
      "GET /api/v1/namespaces/default/pods/a",
      "GET /apis/apps/v1/deployments?labelSelector=a%3Db&limit=5&continue=abc",
      "POST /api/v1/namespaces/default/pods application/json",
      "POST /api/v1/namespaces/default/pods/a/binding application/json",
      "PUT /apis/apps/v1/namespaces/default/deployments/a/status application/json",
      "PATCH /api/v1/namespaces/default/pods/a?fieldManager=me application/strategic-merge-patch+json",
      "DELETE /api/v1/namespaces/default/pods/a application/json",
    ],
  );
});

test("refuses to ask for an object without a name or namespace", () => {
  const { client } = setUp(() => ok({}));
  assert.throws(() => client.get(Pod, { name: "" }), /without a name/);
  assert.throws(() => client.get(Pod, { name: "a" }), /needs a namespace/);
});

test("throws the Status of a failed call, and the number's reason where the answer is none", async () => {
  const { client } = setUp(({ path }) =>
    path.endsWith("/a")
      ? {
          status: 409,
          headers: {},
          body: bytes({ kind: "Status", reason: "AlreadyExists", message: "there", code: 409 }),
        }
      : { status: 503, headers: {}, body: new TextEncoder().encode("<html>") },
  );
  await assert.rejects(client.get(Pod, { name: "a", namespace: "x" }), { reason: "AlreadyExists", message: "there" });
  await assert.rejects(client.get(Pod, { name: "b", namespace: "x" }), {
    reason: "ServiceUnavailable",
    message: "<html>",
  });
});

test("gives the items of a list their kind", async () => {
  const { client } = setUp(() => ok({ metadata: {}, items: [{ metadata: { name: "a" } }] }));
  const { items } = await client.list(Deployment);
  assert.deepEqual([items[0]?.apiVersion, items[0]?.kind], ["apps/v1", "Deployment"]);
});

test("reads watch events that are cut anywhere, and throws the error event", async () => {
  const lines = [
    { type: "ADDED", object: { metadata: { name: "ä" } } },
    { type: "ERROR", object: { kind: "Status", reason: "Expired", message: "too old", code: 410 } },
  ];
  const whole = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { client } = setUp(() => ({
    status: 200,
    headers: {},
    body: (async function* () {
      for (let index = 0; index < whole.length; index += 3) yield whole.subarray(index, index + 3);
    })(),
  }));
  const seen: (string | undefined)[] = [];
  const reading = (async () => {
    for await (const { object } of client.watch(Pod, { signal: new AbortController().signal }))
      seen.push(object.metadata.name);
  })();
  await assert.rejects(reading, { reason: "Expired" });
  assert.deepEqual(seen, ["ä"]);
});

test("gives up a call that is not answered in time, and at once when the caller aborts", async () => {
  const { client, clock } = setUp(() => new Promise(() => {}));
  const late = client.get(Pod, { name: "a", namespace: "x" });
  const isLate = assert.rejects(late, { reason: "Timeout" });
  await clock.advance(CALL_TIMEOUT_MS);
  await isLate;
  const caller = new AbortController();
  const aborted = assert.rejects(client.get(Pod, { name: "a", namespace: "x" }, { signal: caller.signal }), /enough/);
  caller.abort(new Error("enough"));
  await aborted;
  assert.equal(clock.pendingTimers, 0);
});

test("gives up a watch that does not begin in time, or that is refused without end; one that has begun may be silent", async () => {
  const body = (signal: AbortSignal | undefined) =>
    (async function* () {
      yield new TextEncoder().encode("no");
      await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    })();
  const { client, clock } = setUp(({ path, signal }) => {
    if (path.includes("/never/")) return new Promise<never>(() => {});
    return { status: path.includes("/refused/") ? 403 : 200, headers: {}, body: body(signal) };
  });
  const left = new AbortController();
  const next = (namespace: string) =>
    client.watch(Pod, { namespace, signal: left.signal })[Symbol.asyncIterator]().next();
  const late = [
    assert.rejects(next("never"), { reason: "Timeout" }),
    assert.rejects(next("refused"), { reason: "Timeout" }),
  ];
  const silent = assert.rejects(next("silent"), /^Error: enough$/);
  await clock.advance(CALL_TIMEOUT_MS);
  await Promise.all(late);
  await clock.advance(CALL_TIMEOUT_MS);
  left.abort(new Error("enough"));
  await silent;
  assert.equal(clock.pendingTimers, 0);
});

test("calls a lost line ServiceUnavailable and keeps the cause", async () => {
  const { client } = setUp(() => Promise.reject(new Error("ECONNREFUSED")));
  await assert.rejects(client.get(Pod, { name: "a", namespace: "x" }), (thrown) => {
    assert.ok(thrown instanceof ApiError);
    assert.equal(thrown.reason, "ServiceUnavailable");
    assert.match(thrown.message, /ECONNREFUSED/);
    return true;
  });
});

test("drops a last line that was cut off", async () => {
  const chunks = (async function* () {
    yield new TextEncoder().encode('{"a":1}\n\n{"b"');
  })();
  assert.deepEqual(await Array.fromAsync(parseJsonLines(chunks)), [{ a: 1 }]);
});

test("gives what comes as metadata alone the kind it is of", async () => {
  const partial = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: { name: "a" } };
  const { client, requests } = setUp(() => ok({ metadata: {}, items: [partial] }));
  const { items } = await client.list(Deployment, { metadataOnly: true });
  assert.deepEqual(items, [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } }]);
  assert.match(requests[0]?.headers.accept ?? "", /as=PartialObjectMetadataList/);
});

test("asks for discovery once, and then only whether it has changed", async () => {
  const group = {
    metadata: { name: "apps" },
    versions: [
      {
        version: "v1",
        resources: [
          {
            resource: "deployments",
            responseKind: { kind: "Deployment" },
            scope: "Namespaced",
            verbs: ["list"],
            subresources: [{ subresource: "scale" }],
          },
        ],
      },
      { version: "v2", freshness: "Stale", resources: [] },
    ],
  };
  const { client, requests } = setUp(({ path, headers }) => {
    if (headers["if-none-match"] === `"${path}"`) return { status: 304, headers: {}, body: new Uint8Array() };
    return { ...ok({ items: path === "/apis" ? [group] : [] }), headers: { etag: `"${path}"` } };
  });
  const discovery = await client.discover();
  assert.deepEqual(discovery.resources, [{ ...Deployment, verbs: ["list"], subresources: ["scale"] }]);
  assert.deepEqual([...discovery.failures], [["apps/v2", "stale GroupVersion discovery: apps/v2"]]);
  assert.equal(await client.discover(), discovery);
  assert.equal(requests.length, 4);
});
