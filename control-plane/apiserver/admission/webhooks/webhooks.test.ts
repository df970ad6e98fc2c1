// Webhooks as users meet them: configured through the API, asked about what goes through it. The servers that are asked are
// functions here; `bin/webhooks.test.ts` asks one over the network.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { type Answer, type Call, CallError, type CallTarget } from "../../outgoing/https-caller.ts";
import { configMapOf, type Json, podOf, TestServer } from "../../test-server.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

type Hook = (request: Json, review: Json) => Json | Promise<Json>;

/** By URL, what each server answers; a response, or what `raw` says. */
const hooks = new Map<string, Hook>();
const asked: string[] = [];

async function post({ url }: CallTarget, { body }: Call): Promise<Answer> {
  const review = JSON.parse(Buffer.from(body).toString());
  asked.push(url.replace("https://hook.test/", ""));
  const hook = hooks.get(url);
  if (!hook)
    throw new CallError(`Post "${url}?timeout=10s": dial tcp 192.0.2.1:443: connect: connection refused`, {
      isTimeout: false,
    });
  const response = await hook(review.request, review);
  if (response.raw) return response.raw;
  const { apiVersion, kind } = review;
  return answerOf({ apiVersion, kind, response: { uid: review.request.uid, allowed: true, ...response } });
}

function answerOf(value: unknown, status = 200): Answer {
  return { status, body: Buffer.from(JSON.stringify(value)) };
}

function patch(...operations: unknown[]): Json {
  return { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") };
}

const addData = (name: string) => () => patch({ op: "add", path: `/data/${name}`, value: "yes" });

let server: TestServer;
before(async () => {
  server = await TestServer.start(undefined, { post });
});
after(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  asked.length = 0;
});
afterEach(async () => {
  hooks.clear();
  for (const kind of ["mutating", "validating"])
    await server.call("DELETE", `${REGISTRATION}/${kind}webhookconfigurations`);
});

interface HookOptions extends Record<string, unknown> {
  readonly hook?: Hook;
}

const IGNORED = { failurePolicy: "Ignore" };
const RULE = { operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };

/** One webhook in a configuration of its name. */
async function configure(
  kind: "Mutating" | "Validating",
  name: string,
  { hook, ...more }: HookOptions = {},
): Promise<void> {
  const url = `https://hook.test/${name}`;
  if (hook) hooks.set(url, hook);
  const webhook = {
    name: `${name}.example.com`,
    clientConfig: { url },
    rules: [RULE],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...more,
  };
  const path = `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`;
  const { status, body } = await server.call("POST", path, { body: { metadata: { name }, webhooks: [webhook] } });
  assert.equal(status, 201, JSON.stringify(body));
  // A read that catches up: from here on every request is decided with it.
  await server.call("GET", path);
}

const create = (object: Json, query = "") => server.call("POST", `${CONFIG_MAPS}${query}`, { body: object });

test("a webhook sees the request as its caller made it", async () => {
  let seen: Json;
  await configure("Validating", "look", {
    hook: (request) => {
      seen = request;
      return {};
    },
  });
  const user = { name: "ann", uid: "u1", groups: ["system:masters"], extra: { team: ["blue"] } };
  const { body } = await server.call("POST", `${CONFIG_MAPS}?fieldManager=me`, { body: configMapOf("seen"), user });
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
  await create(configMapOf("before"));
  await configure("Validating", "old", {
    hook: ({ operation, object, oldObject, options }) => {
      seen.push(`${operation} ${object?.data.a} ${oldObject?.data.a} ${options.kind}`);
      return {};
    },
  });
  await server.call("PUT", `${CONFIG_MAPS}/before`, { body: configMapOf("before", { a: "2" }) });
  await server.call("DELETE", `${CONFIG_MAPS}/before`);
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
  await configure("Validating", "deny", { hook: () => ({ allowed: false, ...answer }) });
  for (const [response, code, reason, text] of cases) {
    answer = response;
    const { status, body } = await create(configMapOf("denied"));
    assert.deepEqual(
      [status, body.reason, body.message],
      [code, reason, `admission webhook "deny.example.com" ${text}`],
    );
  }
  assert.equal((await server.call("GET", `${CONFIG_MAPS}/denied`)).status, 404);
});

test("what comes of webhooks is counted", async () => {
  await configure("Mutating", "counted-change", { hook: addData("counted") });
  await configure("Mutating", "counted-odd", { hook: () => ({ patchType: "JSONPatch", patch: "no" }), ...IGNORED });
  await configure("Validating", "counted-away", IGNORED);
  await create(configMapOf("counted"));
  await configure("Validating", "counted-deny", { hook: () => ({ allowed: false, status: { code: 999 } }) });
  await configure("Validating", "counted-gone");
  await create(configMapOf("uncounted"));
  const { body } = await server.call("GET", "/metrics");
  const counts = body
    .split("\n")
    .filter((line: string) => /^[a-z_]*webhook[a-z_]*(total|count)\{name="counted/.test(line));
  assert.deepEqual(counts.sort(), [
    ...durations("away", "validating", "false", 2),
    ...durations("change", "admit", "false", 2),
    ...durations("deny", "validating", "true", 1),
    ...durations("gone", "validating", "true", 1),
    ...durations("odd", "admit", "false", 2),
    'apiserver_admission_webhook_fail_open_count{name="counted-away.example.com",type="validating"} 2',
    'apiserver_admission_webhook_fail_open_count{name="counted-odd.example.com",type="admit"} 2',
    'apiserver_admission_webhook_rejection_count{name="counted-deny.example.com",type="validating",operation="CREATE",error_type="no_error",rejection_code="600"} 1',
    'apiserver_admission_webhook_rejection_count{name="counted-gone.example.com",type="validating",operation="CREATE",error_type="calling_webhook_error",rejection_code="400"} 1',
    ...requests("away", "validating", ["400", "false"], 2),
    ...requests("change", "admit", ["200", "false"], 2),
    ...requests("deny", "validating", ["600", "true"], 1),
    ...requests("gone", "validating", ["400", "true"], 1),
    ...requests("odd", "admit", ["503", "false"], 2),
  ]);
});

function durations(name: string, type: string, rejected: string, count: number): string[] {
  const labels = `name="counted-${name}.example.com",type="${type}",operation="CREATE",rejected="${rejected}"`;
  return [`apiserver_admission_webhook_admission_duration_seconds_count{${labels}} ${count}`];
}

function requests(name: string, type: string, [code, rejected]: [string, string], count: number): string[] {
  const labels = `name="counted-${name}.example.com",type="${type}",operation="CREATE",code="${code}"`;
  return [`apiserver_admission_webhook_request_total{${labels},rejected="${rejected}"} ${count}`];
}

test("changing webhooks see each other's work, in the order of their configurations' names", async () => {
  await configure("Mutating", "b-second", {
    hook: ({ object }) => (object.data.first ? patch({ op: "add", path: "/data/second", value: "yes" }) : {}),
  });
  await configure("Mutating", "a-first", { hook: addData("first") });
  const { body } = await create(configMapOf("ordered"));
  assert.deepEqual(body.data, { a: "1", first: "yes", second: "yes" });
  assert.deepEqual(asked, ["a-first", "b-second"]);
});

test("a webhook that wants it is asked again when a later one has changed the object", async () => {
  await configure("Mutating", "a-again", { hook: () => ({}), reinvocationPolicy: "IfNeeded" });
  await configure("Mutating", "b-never", { hook: () => ({}) });
  await configure("Mutating", "c-change", { hook: addData("late") });
  const { body } = await create(configMapOf("again"));
  assert.equal(body.data.late, "yes");
  assert.deepEqual(asked, ["a-again", "b-never", "c-change", "a-again"]);
});

test("what is changed is defaulted and checked as if a client had sent it", async () => {
  const rules = [{ ...RULE, operations: ["CREATE"], resources: ["pods"] }];
  await configure("Mutating", "pods", {
    rules,
    hook: () =>
      patch(
        { op: "add", path: "/spec/initContainers", value: [{ name: "added", image: "busybox", unknown: 1 }] },
        { op: "add", path: "/status", value: { phase: "Running" } },
        { op: "add", path: "/metadata/uid", value: "mine" },
      ),
  });
  const { body } = await server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("changed") });
  const [added] = body.spec.initContainers;
  assert.equal(added.terminationMessagePath, "/dev/termination-log");
  assert.equal(added.unknown, undefined);
  assert.equal(body.status.phase, "Pending");
  assert.notEqual(body.metadata.uid, "mine");
});

test("a patch that leaves no sound object is the webhook's fault, not the client's", async () => {
  let operation: Json;
  await configure("Mutating", "break", { hook: () => patch(operation) });
  const codes: number[] = [];
  for (operation of [
    { op: "replace", path: "/data", value: 7 },
    { op: "remove", path: "/nothing" },
    { op: "replace", path: "/metadata/name", value: "Not A Name" },
  ]) {
    codes.push((await create(configMapOf("broken"))).status);
  }
  assert.deepEqual(codes, [500, 500, 422]);
});

test("an answer that is none counts as a failed call", async () => {
  let raw: (request: Json) => Answer = () => answerOf({});
  await configure("Mutating", "odd", { hook: (request) => ({ raw: raw(request) }) });
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
    const { status, body } = await create(configMapOf("odd"));
    assert.equal(status, 500, JSON.stringify(body));
    assert.equal(body.reason, "InternalError");
    assert.match(body.message, /^Internal error occurred: failed calling webhook "odd.example.com": /);
    assert.match(body.message, expected);
  }
});

test("who cannot be asked stops the request, or is missed where its configuration allows it", async () => {
  await configure("Validating", "away");
  const { status, body } = await create(configMapOf("refused"));
  assert.equal(status, 500);
  assert.match(
    body.message,
    /failed calling webhook "away.example.com": failed to call webhook: Post "https:\/\/hook.test\/away\?timeout=10s": dial tcp/,
  );
  await server.call("DELETE", `${REGISTRATION}/validatingwebhookconfigurations/away`);
  await configure("Validating", "away-too", { failurePolicy: "Ignore" });
  assert.equal((await create(configMapOf("taken"))).status, 201);
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
  await configure("Validating", "one", { hook });
  await configure("Validating", "two", { hook });
  assert.equal((await create(configMapOf("parallel"))).status, 201);
});

test("a dry run asks only those who have no side effects", async () => {
  await configure("Validating", "harmless", { hook: ({ dryRun }) => ({ allowed: dryRun }) });
  assert.equal((await create(configMapOf("dry"), "?dryRun=All")).status, 201);
  assert.equal((await server.call("GET", `${CONFIG_MAPS}/dry`)).status, 404);
});

test("the older form of the review is spoken to those who know no other", async () => {
  await configure("Mutating", "older", {
    admissionReviewVersions: ["v1beta1"],
    hook: (_request, { apiVersion }) => ({
      patch: patch({ op: "add", path: "/data/spoken", value: apiVersion }).patch,
      uid: "whatever",
    }),
  });
  const { body } = await create(configMapOf("older"));
  assert.equal(body.data.spoken, "admission.k8s.io/v1beta1");
});

test("warnings of webhooks reach the client", async () => {
  await configure("Validating", "warn", { hook: () => ({ warnings: ["think twice"] }) });
  const { headers } = await create(configMapOf("warned"));
  assert.match(headers.warning ?? "", /299 - "think twice"/);
});

test("the configurations themselves cannot be kept from being changed", async () => {
  const rules = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }];
  await configure("Validating", "lock", { rules, hook: () => ({ allowed: false }) });
  await configure("Mutating", "lock-too", { rules, hook: addData("x") });
  const { status } = await server.call("DELETE", `${REGISTRATION}/validatingwebhookconfigurations/lock`);
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
  await configure("Mutating", "scaler", {
    rules,
    hook: (request) => {
      seen = request;
      return patch({ op: "replace", path: "/spec/maxReplicas", value: 7 });
    },
  });
  const scaleTargetRef = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
  const { status, body } = await server.call("POST", path, {
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
  await server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("bound") });
  const rules = [{ ...RULE, resources: ["pods/binding"] }];
  await configure("Validating", "bind", {
    rules,
    hook: ({ kind, resource, subResource, object }) => ({
      allowed: false,
      status: { message: `${kind.kind} ${resource.resource}/${subResource} ${object.target.name}` },
    }),
  });
  const { body } = await server.call("POST", "/api/v1/namespaces/default/pods/bound/binding", {
    body: { metadata: { name: "bound" }, target: { kind: "Node", name: "n" } },
  });
  assert.match(body.message, /Binding pods\/binding n$/);
});

test("a scale is shown and changed as a Scale", async () => {
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const labels = { app: "scaled" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "x" }] } };
  const spec = { selector: { matchLabels: labels }, template };
  await server.call("POST", deployments, { body: { metadata: { name: "scaled" }, spec } });
  const seen: unknown[] = [];
  await configure("Mutating", "scale", {
    rules: [
      { operations: ["*"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments/*", "deployments"] },
    ],
    hook: ({ kind, subResource, object, oldObject }) => {
      seen.push([kind.kind, subResource, oldObject.spec.replicas, object.spec.replicas]);
      return patch({ op: "replace", path: "/spec/replicas", value: 4 });
    },
  });
  const { status, body } = await server.call("PUT", `${deployments}/scaled/scale`, {
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
  await configure("Mutating", "early", { hook });
  await configure("Validating", "late", { hook });
  const { body } = await create({ metadata: { generateName: "gen-" } });
  const { name } = body.metadata;
  assert.deepEqual(names, [
    [undefined, undefined],
    [name, name],
  ]);
});

const NOT_SKIPPED = { name: "not-skipped", expression: "object.metadata.name != 'skip-me'" };

for (const kind of ["Mutating", "Validating"] as const) {
  test(`${kind}: a webhook is not asked about what its conditions leave out`, async () => {
    await configure(kind, "choosy", { hook: () => ({}), matchConditions: [NOT_SKIPPED] });
    await server.call("POST", CONFIG_MAPS, { body: configMapOf("skip-me") });
    assert.deepEqual(asked, []);
    await server.call("POST", CONFIG_MAPS, { body: configMapOf("ask-me") });
    assert.deepEqual(asked, ["choosy"]);
    await server.call("DELETE", `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations/choosy`);
    await server.call("DELETE", CONFIG_MAPS);
  });

  test(`${kind}: a condition that errs is judged by the failure policy`, async () => {
    const matchConditions = [{ name: "errs", expression: "object.data.none == 'x'" }];
    await configure(kind, "lax", { matchConditions, failurePolicy: "Ignore" });
    assert.equal((await server.call("POST", CONFIG_MAPS, { body: configMapOf("lax") })).status, 201);
    await configure(kind, "strict", { matchConditions });
    const { status, body } = await server.call("POST", CONFIG_MAPS, { body: configMapOf("strict") });
    assert.equal(status, 403);
    assert.match(body.message, /configmaps "strict" is forbidden: .*no such key: none/);
    await server.call("DELETE", `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`);
    await server.call("DELETE", CONFIG_MAPS);
  });

  test(`${kind}: a condition that makes no sense is refused`, async () => {
    const { status, body } = await server.call("POST", `${REGISTRATION}/${kind.toLowerCase()}webhookconfigurations`, {
      body: {
        metadata: { name: "broken" },
        webhooks: [
          {
            name: "broken.example.com",
            clientConfig: { url: "https://hook.test/broken" },
            sideEffects: "None",
            admissionReviewVersions: ["v1"],
            matchConditions: [{ name: "bad", expression: "... [] bad" }],
          },
        ],
      },
    });
    assert.equal(status, 422);
    assert.match(body.message, /webhooks\[0\]\.matchConditions\[0\]\.expression: Invalid value: .*compilation failed/);
  });
}
