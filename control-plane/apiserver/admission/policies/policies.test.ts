// Admission policies as users meet them: made through the API, bound, and held to from the next request on.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { type Answer, configMapOf, type Json, podOf, TestServer } from "../../test-server.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());
afterEach(async () => {
  for (const kind of ["validating", "mutating"]) {
    await server.call("DELETE", `${REGISTRATION}/${kind}admissionpolicybindings`);
    await server.call("DELETE", `${REGISTRATION}/${kind}admissionpolicies`);
  }
  await settle();
  await server.call("DELETE", CONFIG_MAPS);
});

function rule(resource: string, operations = ["CREATE", "UPDATE"]): Json {
  return { apiGroups: [""], apiVersions: ["v1"], operations, resources: [resource] };
}

interface Policy extends Record<string, unknown> {
  readonly rules?: Json[];
  readonly binding?: Record<string, unknown>;
}

/** A list is as new as the last write: after it, so is what requests are judged by. */
async function settle(): Promise<void> {
  for (const kind of ["validating", "mutating"])
    for (const what of ["policies", "policybindings"])
      await server.call("GET", `${REGISTRATION}/${kind}admission${what}`);
}

async function remove(path: string): Promise<void> {
  await server.call("DELETE", `${REGISTRATION}/${path}`);
  await settle();
}

async function make(kind: "validating" | "mutating", name: string, policy: Policy): Promise<Answer> {
  const { rules = [rule("configmaps")], binding = {}, ...spec } = policy;
  const made = await server.call("POST", `${REGISTRATION}/${kind}admissionpolicies`, {
    body: { metadata: { name }, spec: { matchConstraints: { resourceRules: rules }, ...spec } },
  });
  if (made.status !== 201) return made;
  const actions = kind === "validating" ? { validationActions: ["Deny"] } : {};
  const bound = await server.call("POST", `${REGISTRATION}/${kind}admissionpolicybindings`, {
    body: { metadata: { name: `${name}-binding` }, spec: { policyName: name, ...actions, ...binding } },
  });
  assert.equal(bound.status, 201, JSON.stringify(bound.body));
  await settle();
  return made;
}

async function validating(name: string, policy: Policy): Promise<void> {
  const made = await make("validating", name, policy);
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

async function mutating(name: string, policy: Policy): Promise<void> {
  const made = await make("mutating", name, { reinvocationPolicy: "Never", ...policy });
  assert.equal(made.status, 201, JSON.stringify(made.body));
}

function create(name: string, data?: Record<string, string>): Promise<Answer> {
  return server.call("POST", CONFIG_MAPS, { body: configMapOf(name, data) });
}

function denied(name: string, policy: string, message: string): string {
  const whose = `ValidatingAdmissionPolicy '${policy}' with binding '${policy}-binding'`;
  return `configmaps "${name}" is forbidden: ${whose} denied request: ${message}`;
}

test("an expression that does not hold refuses the request", async () => {
  await validating("small", { validations: [{ expression: "size(object.data) < 2" }] });
  assert.equal((await create("fine")).status, 201);
  const { status, body } = await create("big", { a: "1", b: "2" });
  assert.equal(status, 422);
  assert.equal(body.message, denied("big", "small", "failed expression: size(object.data) < 2"));
  assert.equal(body.reason, "Invalid");
});

test("a policy that nothing binds refuses nothing, and no longer one whose binding is gone", async () => {
  await validating("none", { validations: [{ expression: "false", reason: "Forbidden", message: "no" }] });
  assert.equal((await create("one")).status, 403);
  await remove("validatingadmissionpolicybindings/none-binding");
  assert.equal((await create("one")).status, 201);
});

test("messages and variables are expressions, too", async () => {
  await validating("counted", {
    variables: [
      { name: "count", expression: "size(object.data)" },
      { name: "double", expression: "variables.count * 2" },
    ],
    validations: [
      {
        expression: "variables.double < 4",
        message: "not this",
        messageExpression: "'twice ' + string(variables.count) + ' is ' + string(variables.double)",
      },
    ],
  });
  const { body } = await create("big", { a: "1", b: "2" });
  assert.equal(body.message, denied("big", "counted", "twice 2 is 4"));
});

test("a message expression that fails gives way to the message", async () => {
  await validating("fallback", {
    validations: [
      { expression: "false", message: "the message", messageExpression: "string(1 / (size(object.data) - 1))" },
    ],
  });
  assert.equal((await create("one")).body.message, denied("one", "fallback", "the message"));
});

test("an expression that errs is judged by the failure policy", async () => {
  const validations = [{ expression: "object.data.missing == 'x'" }];
  await validating("strict", { validations });
  const { status, body } = await create("one");
  assert.equal(status, 422);
  assert.equal(
    body.message,
    denied("one", "strict", "expression 'object.data.missing == 'x'' resulted in error: no such key: missing"),
  );
  await remove("validatingadmissionpolicies/strict");
  await validating("lax", { validations, failurePolicy: "Ignore" });
  assert.equal((await create("one")).status, 201);
});

test("match conditions choose the requests", async () => {
  await validating("some", {
    matchConditions: [{ name: "marked", expression: "object.metadata.name.startsWith('marked')" }],
    validations: [{ expression: "request.operation != 'CREATE'", message: "no" }],
  });
  assert.equal((await create("plain")).status, 201);
  assert.equal((await create("marked-1")).status, 422);
});

test("a rule may compare with the old object and see the namespace and the user", async () => {
  await validating("steady", {
    validations: [
      { expression: "oldObject == null || oldObject.data.a == object.data.a", message: "a is steady" },
      { expression: "namespaceObject.metadata.name == 'default'" },
      { expression: "request.userInfo.username != ''" },
    ],
  });
  assert.equal((await create("one", { a: "1" })).status, 201);
  const { body } = await server.call("PUT", `${CONFIG_MAPS}/one`, { body: configMapOf("one", { a: "2" }) });
  assert.equal(body.message, denied("one", "steady", "a is steady"));
});

test("deletions have no object", async () => {
  await validating("keep", {
    rules: [rule("configmaps", ["DELETE"])],
    validations: [{ expression: "object == null && oldObject.metadata.name != 'kept'", message: "kept" }],
  });
  await create("kept");
  await create("other");
  assert.equal((await server.call("DELETE", `${CONFIG_MAPS}/other`)).status, 200);
  assert.equal((await server.call("DELETE", `${CONFIG_MAPS}/kept`)).body.message, denied("kept", "keep", "kept"));
  await remove("validatingadmissionpolicies/keep");
});

test("parameters come by name", async () => {
  const named = (name: string, parameterNotFoundAction: string) => ({
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    validations: [{ expression: "size(object.data) < int(params.data.max)", message: "too many" }],
    matchConditions: [{ name: "others", expression: "!object.metadata.name.startsWith('limits')" }],
    binding: { paramRef: { name, namespace: "default", parameterNotFoundAction } },
  });
  await create("limits", { max: "2" });
  await server.call("GET", CONFIG_MAPS);
  await validating("limited", named("limits", "Deny"));
  assert.equal((await create("one")).status, 201);
  assert.equal((await create("two", { a: "1", b: "2" })).body.message, denied("two", "limited", "too many"));
  await server.call("DELETE", `${CONFIG_MAPS}/limits`);
  await server.call("GET", CONFIG_MAPS);
  const { status, body } = await create("three");
  assert.equal(status, 422);
  assert.match(body.message, /no params found for policy binding with `Deny` parameterNotFoundAction/);
  await remove("validatingadmissionpolicies/limited");
  await remove("validatingadmissionpolicybindings/limited-binding");
  await validating("open", named("limits", "Allow"));
  assert.equal((await create("three")).status, 201);
});

test("parameters come by selector, and each is held to", async () => {
  for (const max of ["2", "5"]) {
    const limits = configMapOf(`limits-${max}`, { max });
    limits.metadata.labels = { limits: "yes" };
    await server.call("POST", CONFIG_MAPS, { body: limits });
  }
  await validating("limited", {
    paramKind: { apiVersion: "v1", kind: "ConfigMap" },
    validations: [
      { expression: "size(object.data) < int(params.data.max)", messageExpression: "'max ' + params.data.max" },
    ],
    binding: { paramRef: { selector: { matchLabels: { limits: "yes" } }, parameterNotFoundAction: "Deny" } },
  });
  assert.equal((await create("one")).status, 201);
  assert.equal((await create("two", { a: "", b: "", c: "" })).body.message, denied("two", "limited", "max 2"));
});

test("a binding may only warn", async () => {
  await validating("advice", {
    validations: [{ expression: "false", message: "better not" }],
    binding: { validationActions: ["Warn", "Audit"] },
  });
  const { status, headers } = await create("one");
  assert.equal(status, 201);
  assert.match(
    String(headers.warning),
    /Validation failed for ValidatingAdmissionPolicy 'advice' with binding 'advice-binding': better not/,
  );
});

test("the authorizer answers for the user", async () => {
  await validating("allowed", {
    validations: [
      {
        expression: "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()",
        message: "may not read secrets",
      },
    ],
  });
  assert.equal((await create("one")).status, 201);
});

test("a namespace or an object is left out by its labels", async () => {
  await validating("elsewhere", {
    validations: [{ expression: "false" }],
    binding: { matchResources: { namespaceSelector: { matchLabels: { strict: "yes" } } } },
  });
  assert.equal((await create("one")).status, 201);
});

test("a policy sees the defaults of what it judges", async () => {
  await validating("rooted", {
    rules: [rule("pods")],
    validations: [{ expression: "object.spec.restartPolicy != 'Always'", message: "no restarts" }],
  });
  const { body } = await server.call("POST", PODS, { body: podOf("p") });
  assert.match(body.message, /denied request: no restarts/);
});

test("policies about policies do not apply", async () => {
  await validating("everything", {
    rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
    validations: [{ expression: "false" }],
  });
  const path = `${REGISTRATION}/validatingadmissionpolicybindings/everything-binding`;
  assert.equal((await server.call("DELETE", path)).status, 200);
});

test("what cannot be compiled is refused at once", async () => {
  const { status, body } = await make("validating", "broken", {
    validations: [{ expression: "object.data +" }, { expression: "1 + 1" }],
  });
  assert.equal(status, 422);
  assert.match(
    body.message,
    /spec\.validations\[0\]\.expression: Invalid value: "object\.data \+": compilation failed: ERROR: <input>:1:14: Syntax error/,
  );
  assert.match(body.message, /spec\.validations\[1\]\.expression: Invalid value: "1 \+ 1": must evaluate to bool/);
});

test("a patch has no field that every object of JavaScript has", async () => {
  const { status, body } = await make("mutating", "odd", {
    reinvocationPolicy: "Never",
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: '[JSONPatch{op: "add", toString: "x"}]' } }],
  });
  assert.equal(status, 422);
  assert.match(body.message, /undefined field 'toString'/);
});

test("a request that costs too much is stopped", async () => {
  const many = Array.from({ length: 100 }, (_, index) => index).join(",");
  const nested = `[${many}].all(a, [${many}].all(b, [${many}].all(c, [${many}].all(d, a + b + c + d >= 0))))`;
  await validating("costly", { validations: [{ expression: nested }] });
  const { status, body } = await create("one");
  assert.equal(status, 422);
  assert.match(body.message, /operation cancelled: actual cost limit exceeded/);
});

test("a mutation configures what it names", async () => {
  await mutating("labels", {
    mutations: [
      {
        patchType: "ApplyConfiguration",
        applyConfiguration: {
          expression:
            "Object{metadata: Object.metadata{labels: {'touched': 'yes'}}, data: {'from': object.metadata.name}}",
        },
      },
    ],
  });
  const { status, body } = await create("one");
  assert.equal(status, 201, JSON.stringify(body));
  assert.deepEqual(body.metadata.labels, { touched: "yes" });
  assert.deepEqual(body.data, { a: "1", from: "one" });
});

test("a mutation adds to a list by its keys", async () => {
  await mutating("sidecar", {
    rules: [rule("pods", ["CREATE"])],
    mutations: [
      {
        patchType: "ApplyConfiguration",
        applyConfiguration: {
          expression:
            "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'side', image: 'side:' + object.metadata.name}]}}",
        },
      },
    ],
  });
  const { status, body } = await server.call("POST", PODS, { body: podOf("p") });
  assert.equal(status, 201, JSON.stringify(body));
  const images = body.spec.containers.map(({ name, image }: Json) => `${name}=${image}`);
  assert.deepEqual(images.sort(), ["c=busybox", "side=side:p"]);
  await server.call("DELETE", `${PODS}/p`);
});

test("a mutation may be a patch", async () => {
  await mutating("patched", {
    variables: [{ name: "who", expression: "object.metadata.name" }],
    mutations: [
      {
        patchType: "JSONPatch",
        jsonPatch: {
          expression: `[
            JSONPatch{op: "test", path: "/data/a", value: "1"},
            JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey("x~y"), value: variables.who},
            JSONPatch{op: "add", path: "/metadata/labels", value: {"k": "v"}}
          ]`,
        },
      },
    ],
  });
  const { status, body } = await create("one");
  // A key may not hold a tilde: what the mutation makes is validated like any other object.
  assert.equal(status, 422, JSON.stringify(body));
  assert.match(body.message, /data\[x~y\]: Invalid value/);
});

test("mutations come in the order of their names, and again where something changed after them", async () => {
  const append = (text: string) => ({
    patchType: "JSONPatch",
    jsonPatch: {
      expression: `[JSONPatch{op: "replace", path: "/data/a", value: object.data.a + "${text}"}]`,
    },
  });
  await mutating("m1", { mutations: [append("x")], reinvocationPolicy: "IfNeeded" });
  await mutating("m2", { mutations: [append("y")] });
  assert.equal((await create("one")).body.data.a, "1xyx");
});

test("a mutation that errs is judged by the failure policy", async () => {
  const mutations = [
    { patchType: "JSONPatch", jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/data/none"}]' } },
  ];
  await mutating("strict", { mutations });
  const { status, body } = await create("one");
  assert.equal(status, 403, JSON.stringify(body));
  assert.equal(body.reason, "Invalid");
  assert.match(body.message, /policy 'strict' with binding 'strict-binding' denied request/);
  await remove("mutatingadmissionpolicies/strict");
  await mutating("lax", { mutations, failurePolicy: "Ignore" });
  assert.equal((await create("one")).status, 201);
});
