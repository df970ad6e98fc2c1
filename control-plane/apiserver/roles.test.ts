// Roles as users meet them: on a whole server, through its API.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { clusterRoleBindings } from "./authorization/bootstrap/bindings.ts";
import { clusterRoles } from "./authorization/bootstrap/cluster-roles.ts";
import { controllerRoles } from "./authorization/bootstrap/controller-roles.ts";
import { AUTOUPDATE_ANNOTATION } from "./authorization/bootstrap/notation.ts";
import { memoryBody } from "./request/memory-body.ts";
import type { User } from "./request/request.ts";
import { configMapOf, type Json, podOf, TestServer } from "./test-server.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ROLES = `${RBAC}/namespaces/default/roles`;
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;
const CORE = "/api/v1/namespaces/default";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const user = (name: string, ...groups: string[]): User => ({ name, groups: [...groups, "system:authenticated"] });
const call = (method: string, path: string, who: User | undefined, body?: Json, headers?: Record<string, string>) =>
  server.call(method, path, {
    ...(who ? { user: who } : {}),
    ...(body ? { body } : {}),
    ...(headers ? { headers } : {}),
  });

const READ_MAPS = [{ verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] }];
const roleOf = (name: string, rules: Json = READ_MAPS) => ({ metadata: { name }, rules });
const bindingOf = (name: string, kind: string, role: string, ...users: string[]) => ({
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: role },
  subjects: users.map((each) => ({ kind: "User", name: each })),
});
/** Gives the user rules in the namespace, as an administrator would. */
async function grant(name: string, rules: Json): Promise<User> {
  assert.equal((await call("POST", ROLES, undefined, roleOf(name, rules))).status, 201);
  assert.equal((await call("POST", BINDINGS, undefined, bindingOf(name, "Role", name, name))).status, 201);
  return user(name);
}

describe("built-in roles", () => {
  test("are there at the start, all of them", async () => {
    const { items } = (await call("GET", `${RBAC}/clusterroles`, undefined)).body;
    assert.equal(items.length, clusterRoles.length + controllerRoles.length);
    const bindings = (await call("GET", `${RBAC}/clusterrolebindings`, undefined)).body.items;
    assert.equal(bindings.length, clusterRoleBindings.length);
    const admin = items.find(({ metadata }: Json) => metadata.name === "admin");
    assert.equal(admin.metadata.annotations[AUTOUPDATE_ANNOTATION], "true");
    assert.equal(admin.aggregationRule.clusterRoleSelectors.length, 1);
  });

  test("are completed at the next start, keep what was added, and are left alone where their owner says so", async () => {
    await using first = await TestServer.start();
    const path = (name: string) => `${RBAC}/clusterroles/${name}`;
    const change = async (name: string, edit: (role: Json) => void) => {
      const role = (await first.call("GET", path(name))).body;
      edit(role);
      assert.equal((await first.call("PUT", path(name), { body: role })).status, 200);
    };
    await change("system:basic-user", (role) => {
      role.rules = READ_MAPS;
    });
    await change("system:discovery", (role) => {
      role.rules = [];
      role.metadata.annotations[AUTOUPDATE_ANNOTATION] = "false";
    });
    await first.call("DELETE", `${RBAC}/clusterrolebindings/system:discovery`);
    await using second = await TestServer.start(first.store);
    const rulesOf = async (name: string) => (await second.call("GET", path(name))).body.rules ?? [];
    const basic = await rulesOf("system:basic-user");
    assert.deepEqual(basic[0], READ_MAPS[0]);
    assert.ok(basic.length > 1);
    assert.deepEqual(await rulesOf("system:discovery"), []);
    assert.equal((await second.call("GET", `${RBAC}/clusterrolebindings/system:discovery`)).status, 200);
    const before = await first.store.currentRevision();
    await using _third = await TestServer.start(first.store);
    assert.equal(await first.store.currentRevision(), before, "a start that finds everything writes nothing");
  });
});

describe("a user with a role", () => {
  test("does what it says at once, and no more", async () => {
    const ann = await grant("ann", READ_MAPS);
    assert.equal((await call("GET", `${CORE}/configmaps`, ann)).status, 200);
    assert.equal((await call("GET", "/api/v1/namespaces/kube-system/configmaps", ann)).status, 403);
    const refused = await call("POST", `${CORE}/configmaps`, ann, configMapOf("x"));
    assert.equal(
      refused.body.message,
      'configmaps is forbidden: User "ann" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    await call("DELETE", `${BINDINGS}/ann`, undefined);
    await call("GET", `${BINDINGS}`, undefined);
    assert.equal((await call("GET", `${CORE}/configmaps`, ann)).status, 403);
  });
});

describe("handing out rights", () => {
  const WRITE_ROLES = [
    { verbs: ["*"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"] },
    ...READ_MAPS,
  ];

  test("needs having them", async () => {
    const bob = await grant(
      "bob",
      WRITE_ROLES.map((rule) => ({
        ...rule,
        verbs: rule.verbs.flatMap((verb) => (verb === "*" ? ["create", "update", "patch", "get"] : [verb])),
      })),
    );
    assert.equal((await call("POST", ROLES, bob, roleOf("maps"))).status, 201);
    const more = [{ verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"] }];
    const refused = await call("POST", ROLES, bob, roleOf("secrets", more));
    assert.equal(refused.status, 403);
    assert.equal(
      refused.body.message,
      'roles.rbac.authorization.k8s.io "secrets" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
    assert.equal((await call("PUT", `${ROLES}/maps`, bob, roleOf("maps", more))).status, 403);
    assert.equal((await call("POST", BINDINGS, bob, bindingOf("b1", "Role", "maps", "eve"))).status, 201);
    assert.equal(
      (await call("POST", BINDINGS, bob, bindingOf("b2", "ClusterRole", "cluster-admin", "bob"))).status,
      403,
    );
    const missing = await call("POST", BINDINGS, bob, bindingOf("b3", "ClusterRole", "nowhere", "bob"));
    assert.equal(missing.status, 404);
    assert.equal(missing.body.message, 'clusterroles.rbac.authorization.k8s.io "nowhere" not found');
  });

  test("is free to whoever may escalate and bind", async () => {
    const carol = await grant("carol", WRITE_ROLES);
    assert.equal(
      (await call("POST", ROLES, carol, roleOf("any", [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]))).status,
      201,
    );
    assert.equal((await call("POST", BINDINGS, carol, bindingOf("any", "Role", "any", "carol"))).status, 201);
    // The star is in this namespace and on roles: cluster roles are another matter.
    assert.equal((await call("POST", `${RBAC}/clusterroles`, carol, roleOf("any"))).status, 403);
  });

  test("through an aggregation needs everything", async () => {
    await call(
      "POST",
      `${RBAC}/clusterroles`,
      undefined,
      roleOf("writes-cluster-roles", [
        { verbs: ["create"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"] },
      ]),
    );
    await call(
      "POST",
      `${RBAC}/clusterrolebindings`,
      undefined,
      bindingOf("dan", "ClusterRole", "writes-cluster-roles", "dan"),
    );
    const role = {
      metadata: { name: "all" },
      rules: [],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
    };
    const refused = await call("POST", `${RBAC}/clusterroles`, user("dan"), role);
    assert.match(refused.body.message, /must have cluster-admin privileges to use the aggregationRule$/);
  });
});

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
    const erin = await grant("erin", READ_MAPS);
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
      transportUser: user("root", "system:masters"),
    });
    assert.ok(response.body instanceof Uint8Array);
    const { status } = JSON.parse(Buffer.from(response.body).toString());
    assert.deepEqual(status.userInfo.groups, ["a, b", "c", "system:authenticated"]);
  });
});

describe("reviews", () => {
  const GROUP = "/apis/authorization.k8s.io/v1";
  const onMaps = { verb: "get", resource: "configmaps", namespace: "default" };

  test("say whether somebody may, and why", async () => {
    await grant("frank", READ_MAPS);
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
    const gina = await grant("gina", READ_MAPS);
    const { status } = (
      await call("POST", `${GROUP}/selfsubjectrulesreviews`, gina, { spec: { namespace: "default" } })
    ).body;
    assert.equal(status.incomplete, false);
    assert.ok(status.resourceRules.some(({ resources }: Json) => resources.includes("configmaps")));
    assert.ok(status.resourceRules.some(({ resources }: Json) => resources.includes("selfsubjectaccessreviews")));
    assert.ok(status.nonResourceRules.some(({ nonResourceURLs }: Json) => nonResourceURLs.includes("/version")));
    const host = user("system:node:n9", "system:nodes");
    const ofHost = (await call("POST", `${GROUP}/selfsubjectrulesreviews`, host, { spec: { namespace: "default" } }))
      .body;
    assert.equal(ofHost.status.incomplete, true);
  });
});

describe("a host", () => {
  const host = user("system:node:h1", "system:nodes");
  const bind = (pod: string, node: string) =>
    call("POST", `${CORE}/pods/${pod}/binding`, undefined, {
      metadata: { name: pod },
      target: { kind: "Node", name: node },
    });

  test("reads what its pods refer to while it carries them, and nothing else", async () => {
    for (const name of ["mounted", "in-env", "pulled", "other"]) {
      await call("POST", `${CORE}/secrets`, undefined, { metadata: { name } });
    }
    const spec = {
      containers: [
        { name: "c", image: "i", env: [{ name: "E", valueFrom: { secretKeyRef: { name: "in-env", key: "k" } } }] },
      ],
      volumes: [{ name: "v", secret: { secretName: "mounted" } }],
      imagePullSecrets: [{ name: "pulled" }],
    };
    await call("POST", `${CORE}/pods`, undefined, { ...podOf("carried"), spec });
    const read = async (path: string) => (await call("GET", `${CORE}/${path}`, host)).status;
    assert.equal(await read("secrets/mounted"), 403, "before it carries the pod");
    await bind("carried", "h1");
    for (const name of ["mounted", "in-env", "pulled"]) assert.equal(await read(`secrets/${name}`), 200, name);
    assert.equal(await read("secrets?fieldSelector=metadata.name%3Dmounted"), 200);
    assert.equal(await read("serviceaccounts/default"), 200);
    assert.equal(await read("pods/carried"), 200);
    for (const path of [
      "secrets/other",
      "secrets",
      "secrets?fieldSelector=metadata.name%3Dother",
      "configmaps",
      "pods",
    ]) {
      assert.equal(await read(path), 403, path);
    }
    const pods = (node: string) => call("GET", `/api/v1/pods?fieldSelector=spec.nodeName%3D${node}`, host);
    assert.equal((await pods("h1")).status, 200);
    assert.equal((await pods("h2")).status, 403);
    await call("DELETE", `${CORE}/pods/carried?gracePeriodSeconds=0`, undefined);
    await call("GET", `${CORE}/pods`, undefined);
    assert.equal(await read("secrets/mounted"), 403, "after the pod is gone");
  });

  test("sees its own node only, and cannot label or taint itself to draw pods", async () => {
    assert.equal((await call("POST", "/api/v1/nodes", host, { metadata: { name: "h1" } })).status, 201);
    assert.equal((await call("GET", "/api/v1/nodes/h1", host)).status, 200);
    for (const path of ["nodes", "nodes/h2"]) assert.equal((await call("GET", `/api/v1/${path}`, host)).status, 403);
    const patch = (body: Json) =>
      server.call("PATCH", "/api/v1/nodes/h1", { user: host, body, contentType: "application/merge-patch+json" });
    assert.equal((await patch({ metadata: { labels: { "kubernetes.io/os": "linux", mine: "1" } } })).status, 200);
    const labelled = await patch({ metadata: { labels: { "node-restriction.kubernetes.io/x": "1" } } });
    assert.match(labelled.body.message, /is not allowed to modify labels: node-restriction.kubernetes.io\/x$/);
    assert.match(
      (await patch({ spec: { taints: [{ key: "a", effect: "NoSchedule" }] } })).body.message,
      /modify taints/,
    );
  });

  test("writes the status of images it pulls, and makes disks in its own name", async () => {
    const IMAGES = "/apis/imagecontroller.vmware.com/v1";
    for (const [name, hostName] of [
      ["mine", "h1"],
      ["theirs", "h2"],
    ]) {
      const spec = { reference: "registry.test/a:1", hostName };
      assert.equal(
        (await call("POST", `${IMAGES}/namespaces/default/images`, undefined, { metadata: { name }, spec })).status,
        201,
      );
    }
    const report = async (name: string) => {
      const path = `${IMAGES}/namespaces/default/images/${name}/status`;
      const body = { status: { phase: "Pulling" } };
      return (await server.call("PATCH", path, { user: host, body, contentType: "application/merge-patch+json" }))
        .status;
    };
    assert.equal(await report("mine"), 200);
    assert.equal(await report("theirs"), 403);
    const disk = (hostName: string, digit: string) => {
      const hex = digit.repeat(64);
      const spec = { digest: `sha256:${hex}`, reference: "registry.test/a:1", hostName };
      return call("POST", `${IMAGES}/imagedisks`, host, { metadata: { name: `sha256-${hex}` }, spec });
    };
    assert.equal((await disk("h1", "a")).status, 201);
    assert.equal((await disk("h2", "b")).status, 403);
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
  const review = async (token: string) =>
    (await call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", undefined, { spec: { token } })).body.status;

  test("is good while its secret says so", async () => {
    const path = "/api/v1/namespaces/kube-system/secrets";
    assert.equal((await review("abcdef.0123456789abcdef")).authenticated, undefined);
    assert.equal((await call("POST", path, undefined, secretOf())).status, 201);
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
      await call("PUT", `${path}/bootstrap-token-abcdef`, undefined, secretOf(wrong as Record<string, string>));
      assert.equal((await review("abcdef.0123456789abcdef")).authenticated, undefined, JSON.stringify(wrong));
    }
  });
});
