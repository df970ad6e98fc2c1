import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, type CallOptions, configMapOf, type Json, podOf, TestServer } from "./test-server.ts";

const APPLY = "application/apply-patch+yaml";
const MERGE = "application/merge-patch+json";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

function apply(path: string, body: unknown, manager: string, more = "", options: CallOptions = {}): Promise<Answer> {
  return server.call("PATCH", `${path}?fieldManager=${manager}${more}`, { body, contentType: APPLY, ...options });
}

/** Manager, operation and subresource to its fields. */
function ownersOf({ metadata }: Json): Record<string, Json> {
  return Object.fromEntries(
    (metadata.managedFields ?? []).map((entry: Json) => [
      [entry.manager, entry.operation, ...(entry.subresource ? [entry.subresource] : [])].join(" "),
      entry.fieldsV1,
    ]),
  );
}

function deploymentOf(name: string, more: Json = {}): Json {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: "a" } },
      template: {
        metadata: { labels: { app: "a" } },
        spec: { containers: [{ name: "c", image: "busybox", ports: [{ containerPort: 80 }] }] },
      },
      ...more,
    },
  };
}

describe("owners of fields", () => {
  test("a create owns what it says under the name of its client", async () => {
    const headers = { "user-agent": "kubectl/v1.36.0 (linux/amd64)" };
    const { body } = await server.call("POST", CONFIG_MAPS, { body: configMapOf("created"), headers });
    assert.deepEqual(ownersOf(body), { "kubectl Update": { "f:data": { ".": {}, "f:a": {} } } });
    assert.match(body.metadata.managedFields[0].time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(body.metadata.managedFields[0].fieldsType, "FieldsV1");
  });

  test("a pod's create names items by their keys, and not what admission adds", async () => {
    const { body } = await server.call("POST", "/api/v1/namespaces/default/pods?fieldManager=me", {
      body: podOf("owned"),
    });
    const { "f:spec": spec } = ownersOf(body)["me Update"];
    assert.deepEqual(spec["f:containers"]['k:{"name":"c"}'], {
      ".": {},
      "f:image": {},
      "f:imagePullPolicy": {},
      "f:name": {},
      "f:resources": {},
      "f:terminationMessagePath": {},
      "f:terminationMessagePolicy": {},
    });
    assert.equal(spec["f:tolerations"], undefined);
    assert.equal(spec["f:serviceAccountName"], undefined);
  });

  test("an update takes over what it changes, and what nobody has any more belongs to nobody", async () => {
    await server.call("POST", `${CONFIG_MAPS}?fieldManager=one`, {
      body: configMapOf("shared", { a: "1", b: "1", c: "1" }),
    });
    const { body } = await server.call("PATCH", `${CONFIG_MAPS}/shared?fieldManager=two`, {
      body: { data: { a: "2", b: null } },
      contentType: MERGE,
    });
    assert.deepEqual(ownersOf(body), {
      "one Update": { "f:data": { ".": {}, "f:c": {} } },
      "two Update": { "f:data": { "f:a": {} } },
    });
  });

  test("a status has owners of its own", async () => {
    await server.call("POST", "/api/v1/namespaces/default/pods?fieldManager=me", { body: podOf("status") });
    const { body } = await server.call("PATCH", "/api/v1/namespaces/default/pods/status/status?fieldManager=host", {
      body: { status: { hostIP: "10.0.0.1" } },
      contentType: MERGE,
    });
    assert.deepEqual(ownersOf(body)["host Update status"], { "f:status": { "f:hostIP": {} } });
  });

  test("nobody owns what his way into the object leaves as it is, though he says it", async () => {
    const volume = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/v" } };
    const { body: created } = await server.call("POST", "/api/v1/persistentvolumes?fieldManager=me", {
      body: { metadata: { name: "owned" }, spec: volume, status: { message: "mine" } },
    });
    assert.deepEqual(Object.keys(ownersOf(created)["me Update"]), ["f:spec"]);
    await server.call("POST", DEPLOYMENTS, { body: deploymentOf("left") });
    const { body: left } = await server.call("PUT", `${DEPLOYMENTS}/left/status?fieldManager=carrier`, {
      body: {
        ...deploymentOf("left", { replicas: 7 }),
        metadata: { name: "left", labels: { a: "b" } },
        status: { replicas: 1 },
      },
    });
    assert.deepEqual(ownersOf(left)["carrier Update status"], { "f:status": { "f:replicas": {} } });
    assert.equal(left.metadata.labels, undefined);
  });

  test("a client may send the list back, or forget it, or ask to be rid of it", async () => {
    const { body: created } = await server.call("POST", `${CONFIG_MAPS}?fieldManager=me`, {
      body: configMapOf("list"),
    });
    const path = `${CONFIG_MAPS}/list`;
    const { body: same } = await server.call("PUT", path, { body: created });
    assert.equal(same.metadata.resourceVersion, created.metadata.resourceVersion);
    const { body: forgotten } = await server.call("PUT", path, { body: configMapOf("list") });
    assert.deepEqual(ownersOf(forgotten), ownersOf(created));
    const { body: reset } = await server.call("PATCH", path, {
      body: { metadata: { managedFields: [] } },
      contentType: MERGE,
    });
    assert.equal(reset.metadata.managedFields, undefined);
    const { body: untracked } = await server.call("PUT", path, { body: configMapOf("list", { b: "2" }) });
    assert.equal(untracked.metadata.managedFields, undefined);
  });
});

describe("server-side apply", () => {
  test("creates what is not there, owned by the applier", async () => {
    const { status, body } = await apply(`${CONFIG_MAPS}/new`, configMapOf("new"), "me");
    assert.equal(status, 201);
    assert.deepEqual(ownersOf(body), { "me Apply": { "f:data": { "f:a": {} } } });
  });

  test("applied twice changes nothing, not even the version", async () => {
    const path = `${DEPLOYMENTS}/twice`;
    const { body: first } = await apply(path, deploymentOf("twice"), "me");
    const { status, body: second } = await apply(path, deploymentOf("twice"), "me");
    assert.equal(status, 200);
    assert.deepEqual(second, first);
    assert.deepEqual(ownersOf(second)["me Apply"]["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"c"}'], {
      ".": {},
      "f:image": {},
      "f:name": {},
      "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
    });
  });

  test("takes away what the applier does not say any more, and leaves what others own", async () => {
    const path = `${CONFIG_MAPS}/less`;
    await apply(path, configMapOf("less", { a: "1", b: "1", c: "1" }), "one");
    await apply(path, configMapOf("less", { b: "1" }), "two");
    const { body } = await apply(path, configMapOf("less", { c: "1" }), "one");
    assert.deepEqual(body.data, { b: "1", c: "1" });
    assert.deepEqual(ownersOf(body), {
      "one Apply": { "f:data": { "f:c": {} } },
      "two Apply": { "f:data": { "f:b": {} } },
    });
  });

  test("refuses to change what another owns, and says whose it is", async () => {
    const path = `${CONFIG_MAPS}/mine`;
    await apply(path, configMapOf("mine", { a: "1", b: "1" }), "one");
    await server.call("PATCH", `${path}?fieldManager=two`, { body: { data: { b: "2" } }, contentType: MERGE });
    const { status, body } = await apply(path, configMapOf("mine", { a: "3", b: "3" }), "three");
    assert.equal(status, 409);
    assert.equal(body.reason, "Conflict");
    assert.equal(
      body.message,
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\nconflicts with "two" using v1:\n- .data.b',
    );
    assert.deepEqual(body.details.causes, [
      { reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.a" },
      { reason: "FieldManagerConflict", message: 'conflict with "two" using v1', field: ".data.b" },
    ]);
    const { body: forced } = await apply(path, configMapOf("mine", { a: "3", b: "3" }), "three", "&force=true");
    assert.deepEqual(forced.data, { a: "3", b: "3" });
    assert.deepEqual(ownersOf(forced), { "three Apply": { "f:data": { "f:a": {}, "f:b": {} } } });
  });

  test("shares a field with whoever says the same of it", async () => {
    const path = `${CONFIG_MAPS}/both`;
    await apply(path, configMapOf("both"), "one");
    await apply(path, configMapOf("both"), "two");
    const { body } = await apply(path, { ...configMapOf("both"), data: {} }, "one");
    assert.deepEqual(body.data, { a: "1" });
  });

  test("gives what was there before to a manager of its own", async () => {
    const path = `${CONFIG_MAPS}/before`;
    await server.call("POST", CONFIG_MAPS, { body: configMapOf("before") });
    await server.call("PATCH", path, { body: { metadata: { managedFields: [{}] } }, contentType: MERGE });
    const { status, body } = await apply(path, configMapOf("before", { a: "2" }), "me");
    assert.equal(status, 409);
    assert.match(body.message, /conflict with "before-first-apply" using v1: \.data\.a/);
  });

  test("takes over from kubectl's client-side apply without a quarrel", async () => {
    const path = `${CONFIG_MAPS}/moved`;
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const last = JSON.stringify(configMapOf("moved"));
    const object = { ...configMapOf("moved"), metadata: { name: "moved", annotations: { [annotation]: last } } };
    await server.call("POST", `${CONFIG_MAPS}?fieldManager=kubectl-client-side-apply`, { body: object });
    const { status, body } = await apply(path, configMapOf("moved", { a: "2" }), "kubectl");
    assert.equal(status, 200);
    assert.deepEqual(body.data, { a: "2" });
    assert.equal(
      body.metadata.annotations[annotation],
      '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"moved"}}\n',
    );
  });

  test("checks the version of the object where it is named", async () => {
    const path = `${CONFIG_MAPS}/versioned`;
    await apply(path, configMapOf("versioned"), "me");
    const stale = { ...configMapOf("versioned", { a: "2" }), metadata: { name: "versioned", resourceVersion: "1" } };
    assert.equal((await apply(path, stale, "me")).status, 409);
  });

  test("tries without writing in a dry run", async () => {
    const path = `${CONFIG_MAPS}/dry`;
    assert.equal((await apply(path, configMapOf("dry"), "me", "&dryRun=All")).status, 201);
    assert.equal((await server.call("GET", path)).status, 404);
  });

  test("reads YAML as well as JSON", async () => {
    const body = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: b\n";
    assert.deepEqual((await apply(`${CONFIG_MAPS}/yaml`, body, "me")).body.data, { a: "b" });
  });

  test("owns nothing that its way into the object leaves as it is", async () => {
    const path = "/api/v1/namespaces/default/pods/ways";
    const pod = { ...podOf("ways"), status: { hostIP: "10.0.0.1" } };
    const { body: created } = await apply(path, pod, "me");
    assert.equal(ownersOf(created)["me Apply"]["f:status"], undefined);
    const { status, body } = await apply(`${path}/status`, pod, "me");
    assert.equal(status, 200);
    assert.equal(body.status.hostIP, "10.0.0.1");
    assert.deepEqual(ownersOf(body)["me Apply status"], { "f:status": { "f:hostIP": {} } });
  });

  test("scale takes the replicas over, and an apply that still says them then conflicts", async () => {
    const path = `${DEPLOYMENTS}/scaled`;
    await apply(path, deploymentOf("scaled", { replicas: 1 }), "me");
    const { status } = await server.call("PATCH", `${path}/scale?fieldManager=scaler`, {
      body: { spec: { replicas: 3 } },
      contentType: MERGE,
    });
    assert.equal(status, 200);
    const { body } = await server.call("GET", path);
    assert.deepEqual(ownersOf(body)["scaler Update scale"], { "f:spec": { "f:replicas": {} } });
    assert.equal(ownersOf(body)["me Apply"]["f:spec"]["f:replicas"], undefined);
    const again = await apply(path, deploymentOf("scaled", { replicas: 1 }), "me");
    assert.match(
      again.body.message,
      /conflict with "scaler" with subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "scaled" }, spec: { replicas: 5 } };
    const forced = await apply(`${path}/scale`, scale, "boss", "&force=true");
    assert.equal(forced.body.spec.replicas, 5);
    const { body: taken } = await server.call("GET", path);
    assert.deepEqual(ownersOf(taken)["boss Apply scale"], { "f:spec": { "f:replicas": {} } });
    assert.equal(ownersOf(taken)["scaler Update scale"], undefined);
  });

  test("says what is wrong with a request or a configuration, and changes nothing", async () => {
    const path = `${CONFIG_MAPS}/wrong`;
    const wrong: [path: string, body: Json, status: number, message: RegExp][] = [
      [`${path}?force=true`, configMapOf("wrong"), 422, /fieldManager: Required value: is required for apply patch/],
      [`${path}?fieldManager=me`, { ...configMapOf("wrong"), kind: "Pod" }, 400, /invalid object type: \/v1, Kind=Pod/],
      [`${path}?fieldManager=me`, configMapOf("other"), 400, /name of the object \(other\) does not match/],
      [
        `${path}?fieldManager=me`,
        { ...configMapOf("wrong"), spec: {} },
        400,
        /failed to create typed patch object \(\/wrong; \/v1, Kind=ConfigMap\): \.spec: field not declared in schema/,
      ],
      [
        `${path}?fieldManager=me`,
        { ...configMapOf("wrong"), metadata: { name: "wrong", managedFields: [] } },
        400,
        /metadata\.managedFields must be nil/,
      ],
      [
        `${path}?fieldManager=${"m".repeat(129)}`,
        configMapOf("wrong"),
        422,
        /Too long: may not be more than 128 bytes/,
      ],
      [`${path}?fieldManager=me`, "[", 400, /yaml parse error/],
    ];
    for (const [target, body, status, message] of wrong) {
      const answer = await server.call("PATCH", target, { body, contentType: APPLY });
      assert.equal(answer.status, status, answer.body.message);
      assert.match(answer.body.message, message);
    }
    const force = await server.call("PATCH", `${path}?force=true`, { body: {}, contentType: MERGE });
    assert.match(force.body.message, /force: Forbidden: may not be specified for non-apply patch/);
    assert.equal((await server.call("GET", path)).status, 404);
  });

  test("needs the right to create what is not there, as an update does", async () => {
    const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    const resources = ["configmaps", "services"];
    await server.call("POST", `${roles}/roles`, {
      body: { metadata: { name: "changer" }, rules: [{ apiGroups: [""], resources, verbs: ["patch", "update"] }] },
    });
    await server.call("POST", `${roles}/rolebindings`, {
      body: {
        metadata: { name: "changer" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "changer" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
      },
    });
    const user = { name: "jane", groups: ["system:authenticated"] };
    const path = `${CONFIG_MAPS}/forbidden`;
    const { status, body } = await apply(path, configMapOf("forbidden"), "me", "", { user });
    assert.equal(status, 403);
    assert.match(body.message, /User "jane" cannot create resource "configmaps"/);
    const service = { metadata: { name: "forbidden" }, spec: { ports: [{ port: 80 }] } };
    const put = await server.call("PUT", "/api/v1/namespaces/default/services/forbidden", { body: service, user });
    assert.equal(put.status, 403);
    await server.call("POST", CONFIG_MAPS, { body: configMapOf("forbidden") });
    assert.equal((await apply(path, configMapOf("forbidden"), "me", "", { user })).status, 200);
  });

  test("knows the lists of custom resources by their schema", async () => {
    const names = { plural: "tabs", singular: "tab", kind: "Tab", listKind: "TabList" };
    const text = { type: "string" };
    const item = { type: "object", required: ["name"], properties: { name: text, value: text } };
    const items = {
      type: "array",
      items: item,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    };
    const spec = { type: "object", properties: { items } };
    const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
    const versions = [{ name: "v1", served: true, storage: true, schema }];
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await server.call("POST", definitions, {
      body: {
        metadata: { name: "tabs.example.com" },
        spec: { group: "example.com", scope: "Namespaced", names, versions },
      },
    });
    const conditions = ["NamesAccepted", "Established"].map((type) => ({ type, status: "True", reason: "Test" }));
    await server.call("PATCH", `${definitions}/tabs.example.com/status`, {
      body: { status: { conditions, acceptedNames: names, storedVersions: ["v1"] } },
      contentType: MERGE,
    });
    const path = "/apis/example.com/v1/namespaces/default/tabs/tab";
    const tabOf = (name: string): Json => ({
      apiVersion: "example.com/v1",
      kind: "Tab",
      metadata: { name: "tab" },
      spec: { items: [{ name, value: "1" }] },
    });
    assert.equal((await apply(path, tabOf("a"), "one")).status, 201);
    assert.deepEqual(
      (await apply(path, tabOf("b"), "two")).body.spec.items.map(({ name }: Json) => name),
      ["a", "b"],
    );
    const { body } = await apply(path, { ...tabOf("a"), spec: {} }, "one");
    assert.deepEqual(body.spec.items, [{ name: "b", value: "1" }]);
  });

  test("an object whose items have no names can be applied to by nobody", async () => {
    const path = "/api/v1/namespaces/default/serviceaccounts";
    await server.call("POST", path, { body: { metadata: { name: "nameless" }, secrets: [{}] } });
    const { status, body } = await apply(
      `${path}/nameless`,
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nameless", labels: { a: "b" } } },
      "me",
    );
    assert.equal(status, 400);
    assert.match(body.message, /^failed to create typed live object \(default\/nameless; \/v1, Kind=ServiceAccount\)/);
  });

  test("two items of the same name cannot be applied", async () => {
    const deployment = deploymentOf("repeated");
    deployment.spec.template.spec.containers.push({ name: "c", image: "other" });
    const { status, body } = await apply(`${DEPLOYMENTS}/repeated`, deployment, "me");
    assert.equal(status, 400);
    assert.match(body.message, /\.spec\.template\.spec\.containers: duplicate entries for key \[name="c"\]/);
  });
});
