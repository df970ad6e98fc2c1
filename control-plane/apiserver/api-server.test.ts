import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configMapOf, podOf, TestServer } from "./test-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

describe("create", () => {
  test("completes the metadata and answers with what a get gives", async () => {
    const created = await server.call("POST", MAPS, { body: configMapOf("made") });
    assert.equal(created.status, 201);
    assert.match(created.body.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal(created.body.metadata.namespace, "default");
    const got = await server.call("GET", `${MAPS}/made`);
    assert.deepEqual(got.body, created.body);
  });

  test("refuses a name that is taken", async () => {
    await server.call("POST", MAPS, { body: configMapOf("twice") });
    const { status, body } = await server.call("POST", MAPS, { body: configMapOf("twice") });
    assert.equal(status, 409);
    assert.equal(body.message, 'configmaps "twice" already exists');
  });

  test("chooses a name for generateName", async () => {
    const body = { metadata: { generateName: "some-" } };
    const names = await Promise.all(
      [1, 2, 3].map(async () => (await server.call("POST", MAPS, { body })).body.metadata.name),
    );
    assert.equal(new Set(names).size, 3);
    for (const name of names) assert.match(name, /^some-[a-z0-9]{5}$/);
  });

  test("tells the pods of a job apart by its UID, also under a name that was chosen for it", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
    const body = { metadata: { generateName: "job-" }, spec: { template } };
    const created = await server.call("POST", "/apis/batch/v1/namespaces/default/jobs", { body });
    const { name, uid } = created.body.metadata;
    assert.deepEqual(created.body.spec.selector.matchLabels, { "batch.kubernetes.io/controller-uid": uid });
    assert.equal(created.body.spec.template.metadata.labels["batch.kubernetes.io/job-name"], name);
  });

  test("says once in its message what a Job has wrong twice", async () => {
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
    const path = "/apis/batch/v1/namespaces/default/jobs";
    await server.call("POST", path, { body: { metadata: { name: "told" }, spec: { template } } });
    const { body } = await server.call("PATCH", `${path}/told`, {
      body: { spec: { parallelism: -1 } },
      contentType: "application/merge-patch+json",
    });
    const text = "spec.parallelism: Invalid value: -1: must be greater than or equal to 0";
    assert.equal(body.message, `Job.batch "told" is invalid: ${text}`);
    assert.deepEqual(
      body.details.causes.map(({ field }: { field: string }) => field),
      ["spec.parallelism", "spec.parallelism"],
    );
  });

  test("writes nothing in a dry run", async () => {
    const { status } = await server.call("POST", `${MAPS}?dryRun=All`, { body: configMapOf("dry") });
    assert.equal(status, 201);
    assert.equal((await server.call("GET", `${MAPS}/dry`)).status, 404);
    assert.equal((await server.call("POST", `${MAPS}?dryRun=Some`, { body: configMapOf("dry") })).status, 422);
  });

  test("needs a namespace that exists and the one of the URL", async () => {
    const missing = await server.call("POST", "/api/v1/namespaces/nope/configmaps", { body: configMapOf("x") });
    assert.equal(missing.body.message, 'namespaces "nope" not found');
    const other = { ...configMapOf("x"), metadata: { name: "x", namespace: "kube-system" } };
    assert.equal((await server.call("POST", MAPS, { body: other })).status, 400);
  });

  test("reports, refuses or ignores unknown and duplicate fields as asked", async () => {
    const text = '{"metadata":{"name":"v"},"dato":{},"data":{"a":"1"},"data":{"a":"2"}}';
    const call = (how: string) => server.call("POST", `${MAPS}?dryRun=All&fieldValidation=${how}`, { body: text });
    const strict = await call("Strict");
    assert.equal(strict.status, 400);
    assert.match(strict.body.message, /strict decoding error: unknown field "dato", duplicate field "data"/);
    assert.match((await call("Warn")).headers.warning ?? "", /299 - "unknown field \\"dato\\""/);
    assert.equal((await call("Ignore")).headers.warning, undefined);
    assert.equal((await call("Loud")).status, 422);
  });

  test("reads YAML", async () => {
    const yaml = "metadata:\n  name: from-yaml\ndata: {a: 'yes'}\n";
    const { status, body } = await server.call("POST", MAPS, { body: yaml, contentType: "application/yaml" });
    assert.equal(status, 201);
    assert.deepEqual(body.data, { a: "yes" });
  });

  test("gives a pod its account, token volume, tolerations and a warning for host namespaces", async () => {
    const { body, headers } = await server.call("POST", PODS, { body: podOf("full", { hostNetwork: true }) });
    assert.equal(body.spec.serviceAccountName, "default");
    assert.match(body.spec.volumes[0].name, /^kube-api-access-/);
    assert.equal(body.spec.containers[0].volumeMounts[0].mountPath, "/var/run/secrets/kubernetes.io/serviceaccount");
    assert.equal(body.spec.tolerations.length, 2);
    assert.equal(body.status.phase, "Pending");
    assert.match(headers.warning ?? "", /spec\.hostNetwork is ignored/);
  });

  test("keeps Secrets sealed in the store", async () => {
    const body = { metadata: { name: "safe" }, stringData: { password: "very-secret-word" } };
    const created = await server.call("POST", "/api/v1/namespaces/default/secrets", { body });
    assert.equal(Buffer.from(created.body.data.password, "base64").toString(), "very-secret-word");
    const { items } = await server.store.range({ start: "/registry/secrets/default/safe" });
    const raw = Buffer.from(items[0]?.value ?? []).toString("latin1");
    assert.match(raw, /^k8s:enc:aesgcm:v1:test:/);
    assert.doesNotMatch(raw, /dmVyeS1zZWNyZXQtd29yZA/);
    assert.deepEqual((await server.call("GET", "/api/v1/namespaces/default/secrets/safe")).body, created.body);
  });
});

describe("update and patch", () => {
  test("replace only the version that was read", async () => {
    const { body } = await server.call("POST", MAPS, { body: configMapOf("up") });
    const first = await server.call("PUT", `${MAPS}/up`, { body: { ...body, data: { a: "2" } } });
    assert.equal(first.status, 200);
    const stale = await server.call("PUT", `${MAPS}/up`, { body: { ...body, data: { a: "3" } } });
    assert.equal(stale.status, 409);
    assert.match(stale.body.message, /the object has been modified/);
    const { resourceVersion: _version, ...metadata } = body.metadata;
    assert.equal((await server.call("PUT", `${MAPS}/up`, { body: { ...body, metadata } })).status, 200);
  });

  test("leave the version alone when nothing changes", async () => {
    const { body } = await server.call("POST", MAPS, { body: configMapOf("still") });
    const again = await server.call("PUT", `${MAPS}/still`, { body });
    assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
  });

  test("refuse another name, UID or kind", async () => {
    const { body } = await server.call("POST", MAPS, { body: configMapOf("same") });
    const put = (change: object) => server.call("PUT", `${MAPS}/same`, { body: { ...body, ...change } });
    assert.equal((await put({ metadata: { ...body.metadata, name: "other" } })).status, 400);
    assert.equal((await put({ metadata: { ...body.metadata, uid: "x" } })).status, 409);
    assert.equal((await put({ kind: "Secret" })).status, 400);
    assert.equal((await server.call("PUT", `${MAPS}/none`, { body: configMapOf("none") })).status, 404);
  });

  test("apply all three patch types and refuse the rest", async () => {
    await server.call("POST", PODS, { body: podOf("patched") });
    const patch = (type: string, body: unknown) =>
      server.call("PATCH", `${PODS}/patched`, { body, contentType: `application/${type}` });
    await patch("json-patch+json", [{ op: "add", path: "/metadata/labels", value: { json: "1" } }]);
    await patch("merge-patch+json", { metadata: { labels: { merge: "1" } } });
    const image = { spec: { containers: [{ name: "c", image: "alpine" }] } };
    const { body } = await patch("strategic-merge-patch+json", image);
    assert.deepEqual(body.metadata.labels, { json: "1", merge: "1" });
    assert.equal(body.spec.containers[0].image, "alpine");
    assert.ok(body.spec.containers[0].volumeMounts);
    assert.equal((await patch("apply-patch+cbor", {})).status, 415);
    assert.equal((await patch("json", {})).status, 415);
    assert.equal((await patch("json-patch+json", { a: 1 })).status, 400);
    const unfit = await patch("merge-patch+json", { spec: { containers: 5 } });
    assert.equal(unfit.status, 422);
    assert.equal(unfit.body.details.causes[0].field, "patch");
  });

  test("read a patch once there is what it is for", async () => {
    const patch = (name: string, type: string) =>
      server.call("PATCH", `${MAPS}/${name}`, { body: "[", contentType: `application/${type}` });
    await server.call("POST", MAPS, { body: configMapOf("unread") });
    assert.equal((await patch("none", "json-patch+json")).status, 404);
    for (const type of ["json-patch+json", "merge-patch+json"]) {
      const { status, body } = await patch("unread", type);
      assert.deepEqual([status, body.message], [400, "error decoding patch: unexpected end of JSON input"]);
    }
    const { body } = await patch("unread?fieldValidation=Ignore", "json-patch+json");
    assert.equal(body.message, "unexpected end of JSON input");
    const noList = (query: string) =>
      server.call("PATCH", `${MAPS}/unread${query}`, { body: {}, contentType: "application/json-patch+json" });
    const text = "json: cannot unmarshal object into Go value of type";
    assert.equal((await noList("?fieldValidation=Ignore")).body.message, `${text} jsonpatch.Patch`);
    assert.equal((await noList("")).body.message, `error decoding patch: ${text} []handlers.jsonPatchOp`);
  });

  test("show what they made where it does not fit, with the nulls that the object is shown with", async () => {
    const events = "/api/v1/namespaces/default/events";
    await server.call("POST", events, {
      body: { metadata: { name: "shown" }, involvedObject: { namespace: "default" } },
    });
    const { status, body } = await server.call("PATCH", `${events}/shown`, {
      body: { action: ["a"] },
      contentType: "application/merge-patch+json",
    });
    assert.equal(status, 422);
    assert.match(
      body.message,
      /\\"eventTime\\":null.*\\"action\\":\[\\"a\\"\]|\\"action\\":\[\\"a\\"\].*\\"eventTime\\":null/,
    );
  });

  test("all land when many patch one object at once", async () => {
    await server.call("POST", MAPS, { body: configMapOf("race", {}) });
    const names = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const contentType = "application/merge-patch+json";
    await Promise.all(
      names.map((name) => server.call("PATCH", `${MAPS}/race`, { body: { data: { [name]: "1" } }, contentType })),
    );
    const { body } = await server.call("GET", `${MAPS}/race`);
    assert.deepEqual(Object.keys(body.data).sort(), names.sort());
  });

  test("all land when many replace one object at once without a version, each whole", async () => {
    await server.call("POST", MAPS, { body: configMapOf("replaced") });
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const body = { ...configMapOf("replaced"), data: { [`key-${index}`]: "value" } };
        return server.call("PUT", `${MAPS}/replaced`, { body });
      }),
    );
    for (const [index, { status, body }] of answers.entries()) {
      assert.equal(status, 200);
      assert.deepEqual(body.data, { [`key-${index}`]: "value" });
    }
    assert.equal(new Set(answers.map(({ body }) => body.metadata.resourceVersion)).size, answers.length);
  });

  test("keep status and spec apart and count changes of the spec", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    const labels = { app: "a" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
    const spec = { selector: { matchLabels: labels }, template };
    const { body } = await server.call("POST", path, {
      body: { metadata: { name: "d" }, spec, status: { replicas: 9 } },
    });
    assert.equal(body.metadata.generation, 1);
    assert.deepEqual(body.status, {});
    const status = await server.call("PUT", `${path}/d/status`, {
      body: { ...body, spec: { ...body.spec, replicas: 7 }, status: { replicas: 3 } },
    });
    assert.equal(status.body.spec.replicas, 1);
    assert.equal(status.body.status.replicas, 3);
    assert.equal(status.body.metadata.generation, 1);
    const scaled = await server.call("PATCH", `${path}/d/scale`, {
      body: { spec: { replicas: 4 } },
      contentType: "application/merge-patch+json",
    });
    assert.equal(scaled.body.kind, "Scale");
    assert.equal(scaled.body.status.selector, "app=a");
    const after = await server.call("GET", `${path}/d`);
    assert.equal(after.body.spec.replicas, 4);
    assert.equal(after.body.metadata.generation, 2);
  });
});

describe("delete", () => {
  test("removes at once and says so", async () => {
    await server.call("POST", MAPS, { body: configMapOf("gone") });
    const { status, body } = await server.call("DELETE", `${MAPS}/gone`);
    assert.equal(status, 200);
    assert.equal(body.status, "Success");
    assert.equal((await server.call("GET", `${MAPS}/gone`)).status, 404);
  });

  test("keeps the pods of a job unless told otherwise, and says so", async () => {
    const path = "/apis/batch/v1/namespaces/default/jobs";
    const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } };
    for (const name of ["kept", "not-kept"]) {
      await server.call("POST", path, { body: { metadata: { name }, spec: { template } } });
    }
    const { body, headers } = await server.call("DELETE", `${path}/kept`);
    assert.deepEqual(body.metadata.finalizers, ["orphan"]);
    assert.match(headers.warning ?? "", /child pods are preserved by default/);
    const other = await server.call("DELETE", `${path}/not-kept?propagationPolicy=Background`);
    assert.equal(other.headers.warning, undefined);
    assert.equal((await server.call("GET", `${path}/not-kept`)).status, 404);
  });

  test("waits for the host of a pod, moves forward on a shorter grace and ends with none", async () => {
    await server.call("POST", PODS, { body: podOf("held") });
    const binding = { target: { kind: "Node", name: "host-1" }, metadata: { name: "held" } };
    assert.equal((await server.call("POST", `${PODS}/held/binding`, { body: binding })).status, 201);
    assert.match(
      (await server.call("POST", `${PODS}/held/binding`, { body: binding })).body.message,
      /already assigned to node/,
    );
    const marked = await server.call("DELETE", `${PODS}/held`);
    assert.equal(marked.body.metadata.deletionGracePeriodSeconds, 30);
    const longer = await server.call("DELETE", `${PODS}/held?gracePeriodSeconds=60`);
    assert.equal(longer.body.metadata.deletionGracePeriodSeconds, 30);
    const shorter = await server.call("DELETE", `${PODS}/held`, { body: { gracePeriodSeconds: 5 } });
    assert.equal(shorter.body.metadata.deletionGracePeriodSeconds, 5);
    assert.equal((await server.call("DELETE", `${PODS}/held?gracePeriodSeconds=0`)).status, 200);
    assert.equal((await server.call("GET", `${PODS}/held`)).status, 404);
  });

  test("shows what becomes of an object, whether it goes at once or in a dry run only", async () => {
    await server.call("POST", PODS, { body: podOf("shown") });
    for (const body of [{ dryRun: ["All"] }, {}]) {
      const { status, body: shown } = await server.call("DELETE", `${PODS}/shown`, { body });
      assert.equal(status, 200);
      assert.deepEqual([shown.metadata.generation, shown.metadata.deletionGracePeriodSeconds], [2, 0]);
      assert.ok(shown.metadata.deletionTimestamp);
    }
    assert.equal((await server.call("GET", `${PODS}/shown`)).status, 404);
  });

  test("waits for finalizers and goes with the last of them", async () => {
    const object = { ...configMapOf("fin"), metadata: { name: "fin", finalizers: ["x.test/hold"] } };
    await server.call("POST", MAPS, { body: object });
    const { body } = await server.call("DELETE", `${MAPS}/fin`);
    assert.ok(body.metadata.deletionTimestamp);
    const added = { ...body, metadata: { ...body.metadata, finalizers: ["x.test/hold", "x.test/new"] } };
    assert.equal((await server.call("PUT", `${MAPS}/fin`, { body: added })).status, 422);
    await server.call("PUT", `${MAPS}/fin`, { body: { ...body, metadata: { ...body.metadata, finalizers: [] } } });
    assert.equal((await server.call("GET", `${MAPS}/fin`)).status, 404);
  });

  test("checks preconditions and records how dependents shall go", async () => {
    await server.call("POST", MAPS, { body: configMapOf("pre") });
    const wrong = await server.call("DELETE", `${MAPS}/pre`, { body: { preconditions: { uid: "other" } } });
    assert.equal(wrong.status, 409);
    const { body } = await server.call("DELETE", `${MAPS}/pre`, { body: { propagationPolicy: "Foreground" } });
    assert.deepEqual(body.metadata.finalizers, ["foregroundDeletion"]);
    assert.equal((await server.call("DELETE", `${MAPS}/pre`, { body: { propagationPolicy: "Sideways" } })).status, 422);
  });

  test("of a collection takes what the selector names", async () => {
    for (const name of ["one", "two"]) {
      await server.call("POST", MAPS, { body: { ...configMapOf(name), metadata: { name, labels: { set: name } } } });
    }
    await server.call("DELETE", `${MAPS}?labelSelector=set%3Done`);
    assert.equal((await server.call("GET", `${MAPS}/one`)).status, 404);
    assert.equal((await server.call("GET", `${MAPS}/two`)).status, 200);
  });

  test("of a namespace waits for finalize, and nothing new is made in it meanwhile", async () => {
    await server.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "going" } } });
    const { body } = await server.call("DELETE", "/api/v1/namespaces/going");
    assert.equal(body.status.phase, "Terminating");
    const refused = await server.call("POST", "/api/v1/namespaces/going/configmaps", { body: configMapOf("late") });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.details.causes[0].reason, "NamespaceTerminating");
    await server.call("PUT", "/api/v1/namespaces/going/finalize", { body: { ...body, spec: { finalizers: [] } } });
    assert.equal((await server.call("GET", "/api/v1/namespaces/going")).status, 404);
    assert.equal((await server.call("DELETE", "/api/v1/namespaces/default")).status, 403);
  });
});

test("lets metadata come with a write to the status of built-in kinds, as upstream does for most", async () => {
  await using server = await TestServer.start();
  const path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
  const spec = { defaultBackend: { service: { name: "a", port: { number: 80 } } } };
  await server.call("POST", path, { body: { metadata: { name: "a" }, spec } });
  const patch = {
    metadata: { annotations: { by: "status" } },
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } },
  };
  const options = { body: patch, contentType: "application/merge-patch+json" };
  const ingress = (await server.call("PATCH", `${path}/a/status`, options)).body;
  assert.deepEqual([ingress.metadata.annotations, ingress.status], [{ by: "status" }, patch.status]);
  const block = "/apis/networking.k8s.io/v1/servicecidrs/kubernetes";
  const kept = (await server.call("PATCH", `${block}/status`, { ...options, body: { metadata: patch.metadata } })).body;
  assert.equal(kept.metadata.annotations, undefined);
});

describe("what is not stored", () => {
  test("a binding, also by a path of its own", async () => {
    await server.call("POST", "/api/v1/namespaces/default/pods", { body: podOf("bound-by-name") });
    const bindings = "/api/v1/namespaces/default/bindings";
    const binding = { metadata: { name: "bound-by-name" }, target: { kind: "Node", name: "n1" } };
    const outdated = { ...binding, metadata: { ...binding.metadata, resourceVersion: "1" } };
    assert.equal((await server.call("POST", bindings, { body: outdated })).status, 409);
    assert.equal((await server.call("POST", bindings, { body: binding })).status, 201);
    const { body } = await server.call("GET", "/api/v1/namespaces/default/pods/bound-by-name");
    assert.equal(body.spec.nodeName, "n1");
    assert.equal((await server.call("POST", bindings, { body: { ...binding, metadata: {} } })).status, 400);
    assert.equal((await server.call("GET", bindings)).status, 405);
  });

  test("the health of components, as objects and as a table", async () => {
    const path = "/api/v1/componentstatuses";
    const conditions = [{ type: "Healthy", status: "True", message: "ok" }];
    const { headers, body } = await server.call("GET", path);
    assert.deepEqual(body.items, [{ metadata: { name: "etcd-0" }, conditions }]);
    assert.match(headers.warning ?? "", /v1 ComponentStatus is deprecated/);
    const one = await server.call("GET", `${path}/etcd-0`);
    assert.deepEqual(one.body, { kind: "ComponentStatus", apiVersion: "v1", metadata: { name: "etcd-0" }, conditions });
    assert.equal((await server.call("GET", `${path}/none`)).status, 404);
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const table = await server.call("GET", path, { headers: { accept } });
    assert.deepEqual(table.body.rows[0].cells, ["etcd-0", "Healthy", "ok", ""]);
    const none = await server.call("GET", `${path}?labelSelector=a=b`);
    assert.deepEqual(none.body.items, []);
  });
});
