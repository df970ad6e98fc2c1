// Webhooks as users meet them: configured through the API, asked about what goes through it. The servers that are asked are
// functions here; `bin/webhooks.test.ts` asks one over the network.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Answer } from "../../outgoing/https-caller.ts";
import { configMapOf, type Json, podOf } from "../../test-server.ts";
import { addData, answerOf, CONFIG_MAPS, type Hook, patch, REGISTRATION, RULE, TestWebhooks } from "./test-webhooks.ts";

let webhooks: TestWebhooks;
before(async () => {
  webhooks = await TestWebhooks.start();
});
after(() => webhooks[Symbol.asyncDispose]());
afterEach(() => webhooks.removeAll());

test("a webhook sees the request as its caller made it", async () => {
  let seen: Json;
  await webhooks.configure("Validating", "look", {
    hook: (request) => {
      seen = request;
      return {};
    },
  });
  const user = { name: "ann", uid: "u1", groups: ["system:masters"], extra: { team: ["blue"] } };
  const sent = { body: configMapOf("seen"), user };
  const { body } = await webhooks.server.call("POST", `${CONFIG_MAPS}?fieldManager=me`, sent);
  assert.equal(body.metadata.name, "seen");
  const resource = { group: "", version: "v1", resource: "configmaps" };
  const kind = { group: "", version: "v1", kind: "ConfigMap" };
  const { uid, object, ...rest } = seen;
  assert.match(uid, /^[0-9a-f-]{36}$/);
  assert.equal(object.metadata.uid, body.metadata.uid, "a checking webhook sees the object as it is stored");
  assert.deepEqual(rest, {
    kind,
    resource,
    requestKind: kind,
    requestResource: resource,
    name: "seen",
    namespace: "default",
    operation: "CREATE",
    userInfo: { username: "ann", uid: "u1", groups: ["system:masters"], extra: { team: ["blue"] } },
    oldObject: null,
    dryRun: false,
    options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", fieldManager: "me" },
  });
});

test("updates and deletions show what was there before", async () => {
  const seen: string[] = [];
  await webhooks.createConfigMap(configMapOf("before"));
  await webhooks.configure("Validating", "old", {
    hook: ({ operation, object, oldObject, options }) => {
      seen.push(`${operation} ${object?.data.a} ${oldObject?.data.a} ${options.kind}`);
      return {};
    },
  });
  await webhooks.server.call("PUT", `${CONFIG_MAPS}/before`, { body: configMapOf("before", { a: "2" }) });
  await webhooks.server.call("DELETE", `${CONFIG_MAPS}/before`);
  assert.deepEqual(seen, ["UPDATE 2 1 UpdateOptions", "DELETE undefined 2 DeleteOptions"]);
});

test("what a webhook denies is not stored, and it is said whose word it was", async () => {
  const cases: readonly [Json, number, string | undefined, string][] = [
    [{ status: { message: "not today" } }, 400, undefined, "denied the request: not today"],
    [{ status: { code: 403, reason: "Forbidden" } }, 403, "Forbidden", "denied the request: Forbidden"],
    [{ status: { code: 200, reason: "Odd" } }, 400, "Odd", "denied the request: Odd"],
    [{}, 400, undefined, "denied the request without explanation"],
  ];
  let answer: Json;
  await webhooks.configure("Validating", "deny", { hook: () => ({ allowed: false, ...answer }) });
  for (const [response, code, reason, text] of cases) {
    answer = response;
    const { status, body } = await webhooks.createConfigMap(configMapOf("denied"));
    assert.deepEqual(
      [status, body.reason, body.message],
      [code, reason, `admission webhook "deny.example.com" ${text}`],
    );
  }
  assert.equal((await webhooks.server.call("GET", `${CONFIG_MAPS}/denied`)).status, 404);
});

test("changing webhooks see each other's work, in the order of their configurations' names", async () => {
  await webhooks.configure("Mutating", "b-second", {
    hook: ({ object }) => (object.data.first ? patch({ op: "add", path: "/data/second", value: "yes" }) : {}),
  });
  await webhooks.configure("Mutating", "a-first", { hook: addData("first") });
  const { body } = await webhooks.createConfigMap(configMapOf("ordered"));
  assert.deepEqual(body.data, { a: "1", first: "yes", second: "yes" });
  assert.deepEqual(webhooks.asked, ["a-first", "b-second"]);
});

test("a webhook that wants it is asked again when a later one has changed the object", async () => {
  await webhooks.configure("Mutating", "a-again", { hook: () => ({}), reinvocationPolicy: "IfNeeded" });
  await webhooks.configure("Mutating", "b-never", { hook: () => ({}) });
  await webhooks.configure("Mutating", "c-change", { hook: addData("late") });
  const { body } = await webhooks.createConfigMap(configMapOf("again"));
  assert.equal(body.data.late, "yes");
  assert.deepEqual(webhooks.asked, ["a-again", "b-never", "c-change", "a-again"]);
});

test("what is changed is defaulted and checked as if a client had sent it", async () => {
  const rules = [{ ...RULE, operations: ["CREATE"], resources: ["pods"] }];
  await webhooks.configure("Mutating", "pods", {
    rules,
    hook: () =>
      patch(
        { op: "add", path: "/spec/initContainers", value: [{ name: "added", image: "busybox", unknown: 1 }] },
        { op: "add", path: "/status", value: { phase: "Running" } },
        { op: "add", path: "/metadata/uid", value: "mine" },
      ),
  });
  const { body } = await webhooks.server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("changed") });
  const [added] = body.spec.initContainers;
  assert.equal(added.terminationMessagePath, "/dev/termination-log");
  assert.equal(added.unknown, undefined);
  assert.equal(body.status.phase, "Pending");
  assert.notEqual(body.metadata.uid, "mine");
});

test("a patch that leaves no sound object is the webhook's fault, not the client's", async () => {
  let operation: Json;
  await webhooks.configure("Mutating", "break", { hook: () => patch(operation) });
  const codes: number[] = [];
  for (operation of [
    { op: "replace", path: "/data", value: 7 },
    { op: "remove", path: "/nothing" },
    { op: "replace", path: "/metadata/name", value: "Not A Name" },
  ]) {
    codes.push((await webhooks.createConfigMap(configMapOf("broken"))).status);
  }
  assert.deepEqual(codes, [500, 500, 422]);
});

test("an answer that is none counts as a failed call", async () => {
  let raw: (request: Json) => Answer = () => answerOf({});
  await webhooks.configure("Mutating", "odd", { hook: (request) => ({ raw: raw(request) }) });
  const review =
    (response: Json, more: Json = {}) =>
    (request: Json) =>
      answerOf({
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: { uid: request.uid, allowed: true, ...response },
        ...more,
      });
  const cases: readonly [typeof raw, RegExp][] = [
    [() => answerOf({}), /webhook response was absent$/],
    [() => ({ status: 200, body: Buffer.from("hello") }), /json parse error/],
    [() => answerOf("not here", 404), /the server could not find the requested resource$/],
    [() => ({ status: 500, body: Buffer.from("broken") }), /an error on the server \("broken"\)/],
    [review({ uid: "other" }), /expected response.uid=".+", got "other"$/],
    [
      review({}, { apiVersion: "admission.k8s.io/v1beta1" }),
      /expected webhook response of .*got admission.k8s.io\/v1beta1/,
    ],
    [review({ patch: "W10=" }), /response.patch but not response.patchType$/],
    [review({ patchType: "JSONPatch" }), /response.patchType but not response.patch$/],
    [review({ patchType: "JSONPatch", patch: "e30=" }), /undecodable patch/],
    [review({ patchType: "Merge", patch: "W3t9XQ==" }), /unsupported patch type "Merge"$/],
  ];
  for (const [answer, expected] of cases) {
    raw = answer;
    const { status, body } = await webhooks.createConfigMap(configMapOf("odd"));
    assert.equal(status, 500, JSON.stringify(body));
    assert.equal(body.reason, "InternalError");
    assert.match(body.message, /^Internal error occurred: failed calling webhook "odd.example.com": /);
    assert.match(body.message, expected);
  }
});

test("who cannot be asked stops the request, or is missed where its configuration allows it", async () => {
  await webhooks.configure("Validating", "away");
  const { status, body } = await webhooks.createConfigMap(configMapOf("refused"));
  assert.equal(status, 500);
  assert.match(
    body.message,
    /failed calling webhook "away.example.com": failed to call webhook: Post "https:\/\/hook.test\/away\?timeout=10s": dial tcp/,
  );
  await webhooks.server.call("DELETE", `${REGISTRATION}/validatingwebhookconfigurations/away`);
  await webhooks.configure("Validating", "away-too", { failurePolicy: "Ignore" });
  assert.equal((await webhooks.createConfigMap(configMapOf("taken"))).status, 201);
});

test("all checking webhooks are asked at once", async () => {
  let waiting = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const hook = async () => {
    waiting += 1;
    if (waiting === 2) resolve();
    await promise;
    return {};
  };
  await webhooks.configure("Validating", "one", { hook });
  await webhooks.configure("Validating", "two", { hook });
  assert.equal((await webhooks.createConfigMap(configMapOf("parallel"))).status, 201);
});

test("a dry run asks only those who have no side effects", async () => {
  await webhooks.configure("Validating", "harmless", { hook: ({ dryRun }) => ({ allowed: dryRun }) });
  assert.equal((await webhooks.createConfigMap(configMapOf("dry"), "?dryRun=All")).status, 201);
  assert.equal((await webhooks.server.call("GET", `${CONFIG_MAPS}/dry`)).status, 404);
});

test("the older form of the review is spoken to those who know no other", async () => {
  await webhooks.configure("Mutating", "older", {
    admissionReviewVersions: ["v1beta1"],
    hook: (_request, { apiVersion }) => ({
      patch: patch({ op: "add", path: "/data/spoken", value: apiVersion }).patch,
      uid: "whatever",
    }),
  });
  const { body } = await webhooks.createConfigMap(configMapOf("older"));
  assert.equal(body.data.spoken, "admission.k8s.io/v1beta1");
});

test("warnings of webhooks reach the client", async () => {
  await webhooks.configure("Validating", "warn", { hook: () => ({ warnings: ["think twice"] }) });
  const { headers } = await webhooks.createConfigMap(configMapOf("warned"));
  assert.match(headers.warning ?? "", /299 - "think twice"/);
});

test("the configurations themselves cannot be kept from being changed", async () => {
  const rules = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }];
  await webhooks.configure("Validating", "lock", { rules, hook: () => ({ allowed: false }) });
  await webhooks.configure("Mutating", "lock-too", { rules, hook: addData("x") });
  const { status } = await webhooks.server.call("DELETE", `${REGISTRATION}/validatingwebhookconfigurations/lock`);
  assert.equal(status, 200);
});

test("rules for another version of the same objects are asked in that version, and their changes come back in the other", async () => {
  const path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  const rules = [
    {
      operations: ["CREATE"],
      apiGroups: ["autoscaling"],
      apiVersions: ["v1"],
      resources: ["horizontalpodautoscalers"],
    },
  ];
  let seen: Json;
  await webhooks.configure("Mutating", "scaler", {
    rules,
    hook: (request) => {
      seen = request;
      return patch({ op: "replace", path: "/spec/maxReplicas", value: 7 });
    },
  });
  const scaleTargetRef = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
  const { status, body } = await webhooks.server.call("POST", path, {
    body: { metadata: { name: "h" }, spec: { maxReplicas: 3, scaleTargetRef } },
  });
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual([body.apiVersion, body.spec.maxReplicas], ["autoscaling/v2", 7]);
  assert.deepEqual(
    [seen.object.apiVersion, seen.resource.version, seen.requestResource.version],
    ["autoscaling/v1", "v1", "v2"],
  );
});

test("bodies of subresources are shown as what they are", async () => {
  await webhooks.server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("bound") });
  const rules = [{ ...RULE, resources: ["pods/binding"] }];
  await webhooks.configure("Validating", "bind", {
    rules,
    hook: ({ kind, resource, subResource, object }) => ({
      allowed: false,
      status: { message: `${kind.kind} ${resource.resource}/${subResource} ${object.target.name}` },
    }),
  });
  const { body } = await webhooks.server.call("POST", "/api/v1/namespaces/default/pods/bound/binding", {
    body: { metadata: { name: "bound" }, target: { kind: "Node", name: "n" } },
  });
  assert.match(body.message, /Binding pods\/binding n$/);
});

test("a scale is shown and changed as a Scale", async () => {
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const labels = { app: "scaled" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }] } };
  const spec = { selector: { matchLabels: labels }, template };
  await webhooks.server.call("POST", deployments, { body: { metadata: { name: "scaled" }, spec } });
  const seen: unknown[] = [];
  await webhooks.configure("Mutating", "scale", {
    rules: [
      { operations: ["*"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments/*", "deployments"] },
    ],
    hook: ({ kind, subResource, object, oldObject }) => {
      seen.push([kind.kind, subResource, oldObject.spec.replicas, object.spec.replicas]);
      return patch({ op: "replace", path: "/spec/replicas", value: 4 });
    },
  });
  const { status, body } = await webhooks.server.call("PUT", `${deployments}/scaled/scale`, {
    body: { metadata: { name: "scaled" }, spec: { replicas: 9 } },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.spec.replicas, 4);
  assert.deepEqual(seen, [["Scale", "scale", 1, 9]]);
});

test("a new object has no name of the server's choice yet when others may change it", async () => {
  const names: unknown[] = [];
  const hook: Hook = ({ name, object }) => {
    names.push([name, object.metadata.name]);
    return {};
  };
  await webhooks.configure("Mutating", "early", { hook });
  await webhooks.configure("Validating", "late", { hook });
  const { body } = await webhooks.createConfigMap({ metadata: { generateName: "gen-" } });
  const { name } = body.metadata;
  assert.deepEqual(names, [
    [undefined, undefined],
    [name, name],
  ]);
});
