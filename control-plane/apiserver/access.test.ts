import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serviceAccountUserName } from "./authentication/service-account-tokens.ts";
import { memoryBody } from "./request/memory-body.ts";
import type { ApiRequest, User } from "./request/request.ts";
import { configMapOf, podOf, TestServer } from "./test-server.ts";

const PODS = "/api/v1/namespaces/default/pods";
const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

function networkRequest(target: string, headers: Record<string, string> = {}, method = "GET"): ApiRequest {
  const { signal } = new AbortController();
  return { method, target, headers, body: memoryBody(), signal, wantsUpgrade: false, transportUser: undefined };
}

async function answer(request: ApiRequest) {
  const { status, body } = await server.api.respond(request);
  const text = body instanceof Uint8Array ? Buffer.from(body).toString() : "";
  return { status, text };
}

const user = (name: string, ...groups: string[]): User => ({ name, groups: [...groups, "system:authenticated"] });

describe("without credentials", () => {
  test("only health and version are answered", async () => {
    for (const path of ["/livez", "/readyz", "/version"])
      assert.equal((await answer(networkRequest(path))).status, 200);
    for (const path of ["/api", "/apis", PODS, "/openapi/v2", "/metrics"]) {
      const { status, text } = await answer(networkRequest(path));
      assert.equal(status, 403, path);
      assert.match(text, /User \\"system:anonymous\\" cannot/);
    }
  });

  test("a token that is none is refused everywhere", async () => {
    for (const token of ["x", "a.b.c", "x".repeat(20_000), ""]) {
      const { status } = await answer(networkRequest("/livez", { authorization: `Bearer ${token}` }));
      assert.equal(status, 401, token.slice(0, 10));
    }
    assert.equal((await answer(networkRequest("/livez", { authorization: "Basic eDp5" }))).status, 401);
  });
});

describe("a user without rights", () => {
  test("is told what he cannot do", async () => {
    const { status, body } = await server.call("GET", PODS, { user: user("x") });
    assert.equal(status, 403);
    assert.equal(
      body.message,
      'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    assert.deepEqual(body.details, { kind: "pods" });
    const cluster = await server.call("GET", "/api/v1/nodes/n1/status", { user: user("x") });
    assert.equal(
      cluster.body.message,
      'nodes "n1" is forbidden: User "x" cannot get resource "nodes/status" in API group "" at the cluster scope',
    );
    const path = await server.call("GET", "/metrics", { user: user("x") });
    assert.equal(path.body.message, 'forbidden: User "x" cannot get path "/metrics"');
  });

  test("may ask who he is and what he may do", async () => {
    const self = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const whoami = await server.call("POST", self, { user: user("x", "team"), body: {} });
    assert.equal(whoami.body.status.userInfo.username, "x");
    const access = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const body = { spec: { resourceAttributes: { verb: "list", resource: "pods" } } };
    assert.equal((await server.call("POST", access, { user: user("x"), body })).body.status.allowed, false);
    assert.equal(
      (await server.call("POST", access, { user: user("y", "system:masters"), body })).body.status.allowed,
      true,
    );
  });
});

describe("a service account's token", () => {
  test("says who it is and dies with its pod", async () => {
    await server.call("POST", PODS, { body: podOf("bound") });
    const body = { spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "bound" }, expirationSeconds: 700 } };
    const issued = await server.call("POST", `${ACCOUNTS}/default/token`, { body });
    const { token } = issued.body.status;
    const review = () =>
      server.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: { spec: { token } } });
    const good = await review();
    assert.equal(good.body.status.authenticated, true);
    assert.equal(good.body.status.user.username, serviceAccountUserName("default", "default"));
    assert.deepEqual(good.body.status.user.extra["authentication.kubernetes.io/pod-name"], ["bound"]);
    assert.equal((await answer(networkRequest("/api", { authorization: `Bearer ${token}` }))).status, 200);
    assert.equal((await answer(networkRequest(PODS, { authorization: `Bearer ${token}` }))).status, 403);
    const changed = `${token.slice(0, -4)}AAAA`;
    assert.equal((await answer(networkRequest("/api", { authorization: `Bearer ${changed}` }))).status, 401);
    await server.call("DELETE", `${PODS}/bound`);
    // The lookup is of the cache, which sees the deletion a moment later.
    await server.call("GET", PODS);
    assert.equal((await review()).body.status.authenticated, undefined);
    assert.equal((await answer(networkRequest("/api", { authorization: `Bearer ${token}` }))).status, 401);
  });

  test("for another audience does not open this API, and short lives are refused", async () => {
    const issued = await server.call("POST", `${ACCOUNTS}/default/token`, { body: { spec: { audiences: ["vault"] } } });
    const authorization = `Bearer ${issued.body.status.token}`;
    assert.equal((await answer(networkRequest("/api", { authorization }))).status, 401);
    const short = { spec: { expirationSeconds: 60 } };
    assert.equal((await server.call("POST", `${ACCOUNTS}/default/token`, { body: short })).status, 422);
    assert.equal((await server.call("POST", `${ACCOUNTS}/nobody/token`, { body: {} })).status, 404);
  });
});

describe("bad input", () => {
  const MAPS = "/api/v1/namespaces/default/configmaps";
  const cases: readonly [string, string | Uint8Array, string, number][] = [
    ["malformed JSON", '{"metadata":', "application/json", 400],
    ["no object", "[1,2]", "application/json", 400],
    ["an empty body", "", "application/json", 400],
    ["malformed YAML", "a: [", "application/yaml", 400],
    [
      "a YAML bomb",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
        .split("")
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefghi"[i]}`).join(",")}]`)
        .join("\n")}`,
      "application/yaml",
      400,
    ],
    ["deep nesting", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "application/json", 400],
    ["deep YAML", "[".repeat(5000) + "]".repeat(5000), "application/yaml", 400],
    ["a wrong content type", "{}", "text/plain", 415],
    ["no UTF-8", Uint8Array.from([0x22, 0xff, 0x22]), "application/json", 400],
    ["broken protobuf", Uint8Array.from([0x6b, 0x38, 0x73, 0, 0xff, 0xff]), "application/vnd.kubernetes.protobuf", 400],
    ["too large a body", new Uint8Array(4 * 1024 * 1024).fill(0x20), "application/json", 413],
    ["a wrong type", '{"metadata":{"name":"x"},"data":5}', "application/json", 400],
    ["an over-long name", JSON.stringify(configMapOf("n".repeat(300))), "application/json", 422],
    ["a name that is none", JSON.stringify(configMapOf("Not/Valid")), "application/json", 422],
    ["a path as a name", JSON.stringify(configMapOf("../../secrets/x")), "application/json", 422],
    ["another API version", '{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"x"}}', "application/json", 400],
    ["a version on creation", '{"metadata":{"name":"x","resourceVersion":"1"}}', "application/json", 400],
  ];
  for (const [what, body, contentType, status] of cases) {
    test(`${what} is refused with ${status} and changes nothing`, async () => {
      const before = await server.store.currentRevision();
      const answer = await server.call("POST", MAPS, { body, contentType });
      assert.equal(answer.status, status, JSON.stringify(answer.body).slice(0, 300));
      assert.equal(answer.body.kind, "Status");
      assert.equal(await server.store.currentRevision(), before);
    });
  }

  test("paths that are none are not found, odd methods not allowed", async () => {
    for (const path of [
      "/api/v1/namespaces/default/nothings",
      "/apis/x/v1/pods",
      "/api/v1/pods/x",
      "/nope",
      `${MAPS}/x/nope`,
    ]) {
      assert.equal((await server.call("GET", path)).status, 404, path);
    }
    // In Kubernetes' own groups the API answers, elsewhere a web server does.
    assert.equal((await server.call("GET", "/apis/apps/v1/nothings")).body.reason, "NotFound");
    assert.equal((await server.call("GET", "/apis/x/v1/pods")).body, "404 page not found\n");
    assert.equal((await server.call("GET", "/nope")).body, "404 page not found\n");
    assert.equal((await server.call("GET", `${MAPS}/%zz`)).status, 400);
    assert.equal((await server.call("BREW", MAPS)).status, 405);
    assert.equal((await server.call("POST", `${MAPS}/x`, { body: configMapOf("x") })).status, 405);
    assert.equal((await server.call("GET", `/${"x".repeat(100_000)}`)).status, 414);
    assert.equal((await server.call("GET", `${MAPS}?limit=x`)).status, 400);
    assert.equal((await server.call("GET", `${MAPS}?watch=1&resourceVersion=x`)).status, 400);
  });
});
