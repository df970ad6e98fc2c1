// Acting as somebody else, on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { memoryBody } from "./request/memory-body.ts";
import type { User } from "./request/request.ts";
import { bindingOf, grantRole, RBAC, READ_MAPS, roleOf, userOf } from "./test-roles.ts";
import { type Json, TestServer } from "./test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const call = (method: string, path: string, user?: User, body?: Json, headers?: Record<string, string>) =>
  server.call(method, path, { user, body, headers });

describe("acting as somebody else", () => {
  const whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const as = async (headers: Record<string, string>, who?: User) => (await call("POST", whoami, who, {}, headers)).body;

  test("gives the groups that go with the name, and the fields asked for", async () => {
    const cases: readonly [Record<string, string>, Json][] = [
      [{ "impersonate-user": "x" }, { username: "x", groups: ["system:authenticated"] }],
      [
        { "impersonate-user": "x", "impersonate-group": "g" },
        { username: "x", groups: ["g", "system:authenticated"] },
      ],
      [
        { "impersonate-user": "x", "impersonate-uid": "7" },
        { username: "x", uid: "7", groups: ["system:authenticated"] },
      ],
      [
        { "impersonate-user": "x", "impersonate-extra-a%2fb": "v" },
        { username: "x", groups: ["system:authenticated"], extra: { "a/b": ["v"] } },
      ],
      [
        { "impersonate-user": "system:serviceaccount:n:s" },
        {
          username: "system:serviceaccount:n:s",
          groups: ["system:serviceaccounts", "system:serviceaccounts:n", "system:authenticated"],
        },
      ],
    ];
    for (const [headers, userInfo] of cases) assert.deepEqual((await as(headers)).status.userInfo, userInfo);
    const nobody = await call("GET", "/api", undefined, undefined, { "impersonate-user": "system:anonymous" });
    assert.equal(nobody.status, 403);
  });

  test("needs the right to each of it, and a user", async () => {
    const erin = await grantRole(server, "erin", READ_MAPS);
    // Told is what was asked for first.
    const onReviews = (mode: string) =>
      `selfsubjectreviews.authentication.k8s.io is forbidden: User "erin" cannot impersonate-on:${mode}:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`;
    assert.equal((await as({ "impersonate-user": "x" }, erin)).message, onReviews("user-info"));
    const account = { "impersonate-user": "system:serviceaccount:n:s" };
    assert.equal((await as(account, erin)).message, onReviews("serviceaccount"));
    const rules = [{ verbs: ["impersonate"], apiGroups: [""], resources: ["users"], resourceNames: ["x"] }];
    await call("POST", `${RBAC}/clusterroles`, undefined, roleOf("is-x", rules));
    await call("POST", `${RBAC}/clusterrolebindings`, undefined, bindingOf("erin", "ClusterRole", "is-x", "erin"));
    assert.equal((await as({ "impersonate-user": "x" }, erin)).status.userInfo.username, "x");
    assert.match(
      (await as({ "impersonate-user": "x", "impersonate-group": "system:masters" }, erin)).message,
      /"groups"/,
    );
    assert.match(
      (await as({ "impersonate-user": "x", "impersonate-extra-scopes": "a" }, erin)).message,
      /"userextras\/scopes"/,
    );
    assert.equal(
      (await as({ "impersonate-group": "g" })).message,
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, Extra:map[string][]string(nil)} without impersonating a user name',
    );
  });

  test("takes a group for each time its header came, commas and all", async () => {
    const rawHeaders = ["Impersonate-User", "x", "Impersonate-Group", "a, b", "Impersonate-Group", "c"];
    const headers = { "impersonate-user": "x", "impersonate-group": "a, b, c", "content-type": "application/json" };
    const { signal } = new AbortController();
    const response = await server.api.respond({
      method: "POST",
      target: whoami,
      headers,
      rawHeaders,
      body: memoryBody(Buffer.from("{}")),
      signal,
      wantsUpgrade: false,
      transportUser: userOf("root", "system:masters"),
    });
    assert.ok(response.body instanceof Uint8Array);
    const { status } = JSON.parse(Buffer.from(response.body).toString());
    assert.deepEqual(status.userInfo.groups, ["a, b", "c", "system:authenticated"]);
  });
});
