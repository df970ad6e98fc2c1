import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LAST_USED_LABEL, SERVICE_ACCOUNT_TOKEN_TYPE } from "@atoll/api/core/secret/service-account-token";
import { issueSecretToken } from "./authentication/secret-tokens.ts";
import { podOf, TestServer } from "./test-server.ts";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const SECRETS = "/api/v1/namespaces/default/secrets";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

async function review(token: string) {
  const answer = await server.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
    body: { spec: { token } },
  });
  return answer.body.status;
}

describe("a requested token", () => {
  const request = (spec: object, metadata = {}) =>
    server.call("POST", `${ACCOUNTS}/default/token`, { body: { metadata, spec } });

  test("dies with the Secret or the node it is bound to", async () => {
    await server.call("POST", SECRETS, { body: { metadata: { name: "held" } } });
    await server.call("POST", "/api/v1/nodes", { body: { metadata: { name: "n1" } } });
    for (const [kind, path] of [
      ["Secret", `${SECRETS}/held`],
      ["Node", "/api/v1/nodes/n1"],
    ] as const) {
      const name = path.split("/").at(-1);
      const issued = await request({ boundObjectRef: { kind, apiVersion: "v1", name } });
      assert.equal(issued.status, 201, kind);
      assert.equal((await review(issued.body.status.token)).authenticated, true, kind);
      await server.call("DELETE", path);
      assert.equal((await review(issued.body.status.token)).authenticated, undefined, kind);
    }
  });

  test("of a pod tells where the pod runs, by name alone where the node is not known", async () => {
    await server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("placed", { nodeName: "far" }) });
    const issued = await request({ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "placed" } });
    const { extra } = (await review(issued.body.status.token)).user;
    assert.deepEqual(extra["authentication.kubernetes.io/node-name"], ["far"]);
    assert.equal(extra["authentication.kubernetes.io/node-uid"], undefined);
  });

  test("lives as long as was asked for, and is refused where the request contradicts itself", async () => {
    const year = await request({ expirationSeconds: 31_536_000 });
    const ends = Date.parse(year.body.status.expirationTimestamp) - Date.parse(year.body.metadata.creationTimestamp);
    assert.ok(Math.abs(ends / 1000 - 31_536_000) <= 1);
    const refused = [
      [await request({ expirationSeconds: 599 }), 422],
      [await request({}, { name: "other" }), 422],
      [await request({}, { uid: "other" }), 409],
      [await request({ boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "x" } }), 400],
      [await request({ boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "nobody" } }), 404],
    ] as const;
    for (const [answer, status] of refused) assert.equal(answer.status, status, answer.body.message);
  });
});

describe("a token in a Secret", () => {
  test("is its account's, is noted when used, and dies with the Secret", async () => {
    const account = await server.call("GET", `${ACCOUNTS}/default`);
    const subject = { namespace: "default", account: { name: "default", uid: account.body.metadata.uid } };
    const token = await issueSecretToken(server.tokens.key, { ...subject, secretName: "kept" });
    const annotations = { "kubernetes.io/service-account.name": "default" };
    const secret = { metadata: { name: "kept", annotations }, type: SERVICE_ACCOUNT_TOKEN_TYPE };
    const made = await server.call("POST", SECRETS, { body: { ...secret, stringData: { token } } });
    assert.equal(made.status, 201);
    const { authenticated, user } = await review(token);
    assert.deepEqual([authenticated, user.username], [true, "system:serviceaccount:default:default"]);
    const noted = await server.call("GET", `${SECRETS}/kept`);
    assert.match(noted.body.metadata.labels[LAST_USED_LABEL], /^\d{4}-\d\d-\d\d$/);
    const other = await issueSecretToken(server.tokens.key, { ...subject, secretName: "missing" });
    assert.equal((await review(other)).authenticated, undefined);
    await server.call("DELETE", `${SECRETS}/kept`);
    assert.equal((await review(token)).authenticated, undefined);
  });
});

describe("a bootstrap token", () => {
  const secretOf = (more: Record<string, string> = {}) => ({
    metadata: { name: "bootstrap-token-abcdef" },
    type: "bootstrap.kubernetes.io/token",
    stringData: {
      "token-id": "abcdef",
      "token-secret": "0123456789abcdef",
      "usage-bootstrap-authentication": "true",
      "auth-extra-groups": "system:bootstrappers:hosts",
      ...more,
    },
  });

  test("is good while its secret says so", async () => {
    const path = "/api/v1/namespaces/kube-system/secrets";
    assert.equal((await review("abcdef.0123456789abcdef")).authenticated, undefined);
    assert.equal((await server.call("POST", path, { body: secretOf() })).status, 201);
    const good = await review("abcdef.0123456789abcdef");
    assert.equal(good.user.username, "system:bootstrap:abcdef");
    assert.deepEqual(good.user.groups, ["system:bootstrappers", "system:bootstrappers:hosts", "system:authenticated"]);
    assert.equal((await review("abcdef.0123456789abcdeX")).authenticated, undefined);
    assert.equal((await review("abcdef.0123456789abcdee")).authenticated, undefined);
    const wrongs = [
      { expiration: "2020-01-01T00:00:00Z" },
      { expiration: "soon" },
      { "usage-bootstrap-authentication": "false" },
      { "auth-extra-groups": "system:masters" },
    ];
    for (const wrong of wrongs) {
      await server.call("PUT", `${path}/bootstrap-token-abcdef`, { body: secretOf(wrong as Record<string, string>) });
      assert.equal((await review("abcdef.0123456789abcdef")).authenticated, undefined, JSON.stringify(wrong));
    }
  });
});
