// Reviews as users ask them: on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { User } from "./request/request.ts";
import { grantRole, READ_MAPS, userOf } from "./test-roles.ts";
import { type Json, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const call = (method: string, path: string, user?: User, body?: Json, headers?: Record<string, string>) =>
  server.call(method, path, { user, body, headers });

describe("reviews", () => {
  const GROUP = "/apis/authorization.k8s.io/v1";
  const onMaps = { verb: "get", resource: "configmaps", namespace: "default" };

  test("say whether somebody may, and why", async () => {
    await grantRole(server, "frank", READ_MAPS);
    const about = async (spec: Json) =>
      (await call("POST", `${GROUP}/subjectaccessreviews`, undefined, { spec })).body.status;
    assert.deepEqual(await about({ user: "frank", resourceAttributes: onMaps }), {
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "frank/default" of Role "frank" to User "frank"',
    });
    assert.deepEqual(await about({ user: "frank", resourceAttributes: { ...onMaps, verb: "delete" } }), {
      allowed: false,
    });
    assert.equal(
      (await about({ groups: ["system:masters"], nonResourceAttributes: { path: "/x", verb: "get" } })).allowed,
      true,
    );
    const local = (namespace: string) =>
      call("POST", `${GROUP}/namespaces/${namespace}/localsubjectaccessreviews`, undefined, {
        spec: { user: "frank", resourceAttributes: onMaps },
      });
    assert.equal((await local("default")).body.status.allowed, true);
    assert.equal((await local("kube-system")).status, 400);
  });

  test("that ask nothing, or two things, are refused", async () => {
    const ask = async (spec: Json) => (await call("POST", `${GROUP}/subjectaccessreviews`, undefined, { spec })).status;
    assert.equal(await ask({ user: "x" }), 422);
    assert.equal(await ask({ resourceAttributes: onMaps }), 422);
    assert.equal(
      await ask({ user: "x", resourceAttributes: onMaps, nonResourceAttributes: { path: "/", verb: "get" } }),
      422,
    );
    assert.equal((await call("POST", `${GROUP}/namespaces/default/subjectaccessreviews`, undefined, {})).status, 404);
    assert.equal(
      (await call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", undefined, { spec: {} })).status,
      400,
    );
  });

  test("list all that one may do in a namespace", async () => {
    const gina = await grantRole(server, "gina", READ_MAPS);
    const { status } = (
      await call("POST", `${GROUP}/selfsubjectrulesreviews`, gina, { spec: { namespace: "default" } })
    ).body;
    assert.equal(status.incomplete, false);
    assert.ok(status.resourceRules.some(({ resources }: Json) => resources.includes("configmaps")));
    assert.ok(status.resourceRules.some(({ resources }: Json) => resources.includes("selfsubjectaccessreviews")));
    assert.ok(status.nonResourceRules.some(({ nonResourceURLs }: Json) => nonResourceURLs.includes("/version")));
    const host = userOf("system:node:n9", "system:nodes");
    const ofHost = (await call("POST", `${GROUP}/selfsubjectrulesreviews`, host, { spec: { namespace: "default" } }))
      .body;
    assert.equal(ofHost.status.incomplete, true);
  });
});
