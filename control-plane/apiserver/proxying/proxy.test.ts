// Proxies to pods, Services and hosts, on connections that are pairs in memory: what is dialled is an HTTP server of this test.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { after, before, beforeEach, test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { directDial } from "../outgoing/dial.ts";
import type { Backend } from "../outgoing/service-addresses.ts";
import { SilentServer } from "../outgoing/test-silent-server.ts";
import { podOf, TestServer } from "../test-server.ts";
import { rewriteAddress } from "./proxy-subresources.ts";
import { rewriteHtml } from "./rewrite-html.ts";

const CORE = "/api/v1/namespaces/default";

let server: TestServer;
const dialled: Backend[] = [];
let silent: SilentServer;
let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const backend = createServer((incoming, outgoing) => answer(incoming, outgoing));

async function dial(to: Backend, signal: AbortSignal): Promise<Duplex> {
  dialled.push(to);
  if (to.port === 443) return directDial(systemClock)({ host: "127.0.0.1", port: silent.port }, signal);
  if (to.port === 9) throw new Error("connect: connection refused");
  const [ours, theirs] = duplexPair();
  if (to.port === 7) {
    // It is gone before anybody has used it.
    ours.destroy(new Error("connection reset by peer"));
    return ours;
  }
  backend.emit("connection", theirs);
  return ours;
}

before(async () => {
  server = await TestServer.start(undefined, { dial });
  silent = await SilentServer.listen();
  const ports = [{ containerPort: 8080, name: "web" }];
  const { body } = await server.call("POST", `${CORE}/pods`, {
    body: podOf("web", { containers: [{ name: "c", image: "x", ports }] }),
  });
  const status = { ...body.status, podIPs: [{ ip: "10.1.0.7" }], podIP: "10.1.0.7" };
  await server.call("PUT", `${CORE}/pods/web/status`, { body: { ...body, status } });
  const servicePorts = [
    { name: "web", port: 80, targetPort: 8080 },
    { name: "other", port: 81, targetPort: 8081 },
  ];
  await server.call("POST", `${CORE}/services`, {
    body: { metadata: { name: "shop" }, spec: { ports: servicePorts, selector: { app: "shop" } } },
  });
  const slice = await server.call("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
    body: {
      metadata: { name: "shop-1", labels: { "kubernetes.io/service-name": "shop" } },
      addressType: "IPv4",
      ports: [
        { name: "web", port: 8080 },
        { name: "other", port: 8081 },
      ],
      endpoints: [
        { addresses: ["10.1.0.8"], targetRef: { kind: "Pod", name: "web", namespace: "default" } },
        { addresses: ["192.0.2.1"] },
      ],
    },
  });
  assert.equal(slice.status, 201, JSON.stringify(slice.body));
  await server.call("GET", "/apis/discovery.k8s.io/v1/endpointslices");
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await silent[Symbol.asyncDispose]();
});
beforeEach(() => {
  dialled.length = 0;
  answer = async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    let body = "";
    for await (const chunk of incoming) body += chunk;
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify({ method, url, body, headers }));
  };
});

test("any method reaches the pod, with path, query and body as they are", async () => {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const body = ["POST", "PUT", "PATCH"].includes(method) ? { body: `of ${method}`, contentType: "text/plain" } : {};
    const { status, body: seen } = await server.call(method, `${CORE}/pods/web/proxy/a%2Fb/c/?q=1&r=%20`, {
      ...body,
      headers: {
        authorization: "Bearer secret",
        "x-own": "kept",
        ...(body.body ? { "content-length": String(body.body.length) } : {}),
      },
    });
    assert.equal(status, 200, JSON.stringify(seen));
    assert.deepEqual([seen.method, seen.url, seen.body], [method, "/a%2Fb/c/?q=1&r=%20", body.body ?? ""]);
    assert.equal(seen.headers.authorization, undefined);
    assert.equal(seen.headers["x-own"], "kept");
    assert.equal(seen.headers["x-forwarded-uri"], `${CORE}/pods/web/proxy/a%2Fb/c/`);
  }
  assert.deepEqual(dialled[0], { host: "10.1.0.7", port: 8080, pod: { namespace: "default", name: "web" } });
});

test("the port is the one that is named, else the pod's first", async () => {
  await server.call("GET", `${CORE}/pods/web:1080/proxy/`);
  await server.call("GET", `${CORE}/pods/http:web:1081/proxy/`);
  await server.call("GET", `${CORE}/pods/web/proxy/`);
  assert.deepEqual(
    dialled.map(({ port }) => port),
    [1080, 1081, 8080],
  );
});

test("a Service is its ready pods, by the port's name or number", async () => {
  for (const name of ["shop:web", "shop:81", "http:shop:other"]) {
    assert.equal((await server.call("GET", `${CORE}/services/${name}/proxy/`)).status, 200);
  }
  assert.deepEqual(
    dialled.map(({ host, port }) => `${host}:${port}`),
    ["10.1.0.8:8080", "10.1.0.8:8081", "10.1.0.8:8081"],
  );
});

test("what cannot be reached is said as upstream says it", async () => {
  const cases: readonly [string, number, string][] = [
    ["pods/gone/proxy/", 404, 'pods "gone" not found'],
    ["pods/ftp:web:1/proxy/", 400, 'invalid pod request "ftp:web:1"'],
    ["pods/a:b:c:d/proxy/", 400, 'invalid pod request "a:b:c:d"'],
    ["pods/web:9/proxy/", 503, "error trying to reach service: connect: connection refused"],
    ["pods/web:7/proxy/", 503, "error trying to reach service: connection reset by peer"],
    ["services/gone:web/proxy/", 404, 'services "gone" not found'],
    ["services/shop:82/proxy/", 503, 'no service port 82 found for service "shop"'],
    ["services/shop:none/proxy/", 503, 'no endpoints available for service "shop:none"'],
  ];
  for (const [path, code, message] of cases) {
    const { status, body } = await server.call("GET", `${CORE}/${path}`);
    assert.deepEqual([status, body.message], [code, message], path);
  }
});

test("a path without its slash is redirected, for reads alone", async () => {
  const { status, headers } = await server.call("GET", `${CORE}/services/shop:web/proxy?a=b`);
  assert.deepEqual([status, headers.location], [301, `${CORE}/services/shop:web/proxy/?a=b`]);
  const { body } = await server.call("POST", `${CORE}/services/shop:web/proxy`);
  assert.deepEqual([body.method, body.url], ["POST", "/"]);
});

test("redirects and links of pages lead through the proxy", async () => {
  answer = (incoming, outgoing) => {
    if (incoming.url === "/away") outgoing.writeHead(302, { location: "/login" }).end();
    else outgoing.setHeader("content-type", "text/html; charset=utf-8").end('<a href="/rewriteme">test</a>');
  };
  const prefix = `${CORE}/pods/web/proxy`;
  assert.equal((await server.call("GET", `${prefix}/away`)).headers.location, `${prefix}/login`);
  assert.equal((await server.call("GET", `${prefix}/`)).body, `<a href="${prefix}/rewriteme">test</a>`);
});

test("an answer that does not end is handed on as it comes", async () => {
  answer = (_incoming, outgoing) => void outgoing.writeHead(200, { "content-type": "text/plain" }).write("first");
  const stop = new AbortController();
  const response = await server.api.handle({
    method: "GET",
    path: `${CORE}/pods/web/proxy/`,
    headers: {},
    signal: stop.signal,
  });
  assert.ok(!(response.body instanceof Uint8Array));
  const { value } = await response.body[Symbol.asyncIterator]().next();
  assert.equal(Buffer.from(value ?? []).toString(), "first");
  stop.abort();
});

test("a pod that takes a connection and says nothing is let go with the client", { timeout: 10_000 }, async () => {
  const left = new AbortController();
  const path = `${CORE}/pods/https:web:443/proxy/`;
  const answering = server.api.handle({ method: "GET", path, headers: {}, signal: left.signal });
  const closed = once(await silent.nextSpoken(), "close");
  left.abort();
  assert.equal((await answering).status, 503);
  await closed;
});

test("only addresses of the other side's own are put under the proxy's", () => {
  const place = { prefix: "/p/proxy", host: "10.0.0.1:80", asked: "api:6443" };
  const cases: readonly [string, string][] = [
    ["/a?b#c", "/p/proxy/a?b#c"],
    ["a/b", "a/b"],
    ["/p/proxy/a", "/p/proxy/a"],
    ["http://10.0.0.1:80/a", "/p/proxy/a"],
    ["https://api:6443/a", "https://api:6443/p/proxy/a"],
    ["https://example.com/a", "https://example.com/a"],
    ["//example.com/a", "//example.com/a"],
    ["mailto:a@b", "mailto:a@b"],
    ["#top", "#top"],
  ];
  for (const [address, expected] of cases) assert.equal(rewriteAddress(address, place), expected);
});

test("pages are rewritten in the attributes that hold addresses, whatever else is in them", () => {
  const rewrite = (address: string) => (address.startsWith("/") ? `/p${address}` : address);
  const cases: readonly [string, string][] = [
    ['<a class="/x" HREF=/a>/b</a>', '<a class="/x" HREF=/p/a>/b</a>'],
    ["<img src='/a?b=1&amp;c=2' alt='>'>", "<img src='/p/a?b=1&amp;c=2' alt='>'>"],
    ['<!-- <a href="/a"> --><b href="/a">', '<!-- <a href="/a"> --><b href="/a">'],
    ['<a href="/unfinished', '<a href="/unfinished'],
    ['<constructor href="/a">', '<constructor href="/a">'],
    ["a < b", "a < b"],
  ];
  for (const [page, expected] of cases) assert.equal(rewriteHtml(page, rewrite), expected);
  // None of these may take more than one pass.
  for (const hostile of [`${"<a ".repeat(300_000)}${'"'.repeat(300_000)}`, `<a ${"x".repeat(1_000_000)}>`]) {
    assert.equal(rewriteHtml(hostile, rewrite), hostile);
  }
});
