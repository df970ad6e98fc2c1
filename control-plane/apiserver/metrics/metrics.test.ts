import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { SUPERVISOR_USER } from "../api-server.ts";
import { memoryBody } from "../request/memory-body.ts";
import { configMapOf, podOf, TestServer } from "../test-server.ts";

let server: TestServer;
before(async () => {
  server = await TestServer.start();
});
after(() => server[Symbol.asyncDispose]());

const read = async (): Promise<string> => (await server.call("GET", "/metrics")).body;

test("requests are counted under upstream's names and labels", async () => {
  const path = "/api/v1/namespaces/default/configmaps";
  await server.call("POST", path, { body: configMapOf("counted") });
  await server.call("GET", `${path}/none`);
  const text = await read();
  const labels = 'component="apiserver",group="",version="v1",resource="configmaps",scope="resource",subresource=""';
  for (const line of [
    `apiserver_request_total{code="201",${sorted(labels)},verb="POST",dry_run=""} 1`,
    `apiserver_request_total{code="404",${sorted(labels)},verb="GET",dry_run=""} 1`,
    'apiserver_storage_objects{resource="configmaps"} 1',
    'apiserver_resource_objects{group="",resource="configmaps"} 1',
    'apiserver_flowcontrol_nominal_limit_seats{priority_level="catch-all"} 13',
  ]) {
    assert.ok(text.includes(line), line);
  }
  assert.match(text, /apiserver_request_duration_seconds_bucket\{[^}]*resource="configmaps"[^}]*,le="0.005"\} \d/);
  assert.match(text, /apiserver_response_sizes_bucket\{[^}]*resource="configmaps"[^}]*verb="POST"[^}]*,le="1000"\} 1/);
  assert.match(text, /^authentication_attempts\{result="success"\} [1-9]/m);
  assert.match(text, /^authorization_attempts_total\{result="allowed"\} [1-9]/m);
  assert.match(text, /^apiserver_storage_size_bytes\{storage_cluster_id="etcd-0"\} \d+$/m);
  assert.match(text, /^kubernetes_build_info\{[^}]*git_version="v1\.36/m);
  for (const name of ["resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"]) {
    assert.match(text, new RegExp(`^process_${name} [1-9]\\d*$`, "m"));
  }
  assert.match(text, /apiserver_flowcontrol_dispatched_requests_total\{priority_level="exempt"\} \d+/);
});

/** In the order in which they are written. */
function sorted(labels: string): string {
  const byName = new Map(labels.split(",").map((pair) => [pair.split("=")[0], pair]));
  return ["component", "group", "version", "resource", "scope", "subresource"]
    .map((name) => byName.get(name))
    .join(",");
}

test("what is not there is counted under no name of the client's", async () => {
  const nobody = { name: "u", groups: ["system:authenticated"] };
  for (const path of [
    "/api/v1/namespaces/default/strangers",
    "/apis/strange.example.com/v1/x",
    "/api/v1/namespaces/default/pods/a/strange",
    "/odd",
  ]) {
    await server.call("GET", path);
    await server.call("GET", path, { user: nobody });
  }
  assert.deepEqual(
    (await read()).split("\n").filter((line) => line.includes("strange")),
    [],
  );
});

test("the steps of admission are timed, with the one that refused", async () => {
  await server.call("POST", "/api/v1/namespaces/absent/configmaps", { body: configMapOf("nowhere") });
  await server.call("POST", "/api/v1/namespaces/default/configmaps", { body: configMapOf("timed") });
  const text = await read();
  const count = (name: string, labels: string) =>
    Number(
      new RegExp(`^apiserver_admission_${name}_admission_duration_seconds_count\\{${labels}\\} (\\d+)$`, "m").exec(
        text,
      )?.[1],
    );
  const create = (rejected: boolean) => `operation="CREATE",rejected="${rejected}"`;
  assert.equal(count("controller", `name="NamespaceLifecycle",type="admit",${create(true)}`), 1);
  assert.equal(count("step", `type="admit",${create(true)}`), 1);
  assert.ok(count("controller", `name="ResourceQuota",type="validate",${create(false)}`) >= 1);
  assert.ok(count("step", `type="validate",${create(false)}`) >= 1);
});

test("calls to the store are counted by what they do", async () => {
  const path = "/api/v1/namespaces/default/secrets";
  await server.call("POST", path, { body: { metadata: { name: "called" } } });
  await server.call("POST", path, { body: { metadata: { name: "called" } } });
  await server.call("PATCH", `${path}/called`, {
    body: { data: { a: "AA==" } },
    contentType: "application/merge-patch+json",
  });
  await server.call("DELETE", `${path}/called`);
  const text = await read();
  const labels = (operation: string) => `{operation="${operation}",group="",resource="secrets"}`;
  for (const [operation, count] of [
    ["create", 2],
    ["update", 1],
    ["delete", 1],
  ] as const) {
    assert.ok(text.includes(`\netcd_requests_total${labels(operation)} ${count}\n`), operation);
    assert.ok(text.includes(`\netcd_request_duration_seconds_count${labels(operation)} ${count}\n`), operation);
  }
  assert.doesNotMatch(text, /^etcd_request_errors_total/m);
});

test("events of watchers are counted with their bytes", async () => {
  const stop = new AbortController();
  const path = "/api/v1/namespaces/default/podtemplates";
  const response = await server.api.handle({
    method: "GET",
    path: `${path}?watch=true`,
    headers: {},
    signal: stop.signal,
  });
  await server.call("POST", path, { body: { metadata: { name: "watched" }, template: podOf("x") } });
  assert.ok(!(response.body instanceof Uint8Array));
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    break;
  }
  stop.abort();
  const text = await read();
  const labels = '{group="",version="v1",resource="podtemplates"}';
  assert.ok(text.includes(`\napiserver_watch_events_total${labels} 1\n`));
  assert.ok(text.includes(`\napiserver_watch_events_sizes_sum${labels} ${bytes}\n`));
});

test("how long a certificate lasts is told from the requests that come with it", async () => {
  const day = 86_400;
  const certificateEndsMs = systemClock.now() + 1.5 * day * 1000;
  const { status } = await server.api.respond({
    method: "GET",
    target: "/api",
    headers: {},
    body: memoryBody(undefined),
    signal: new AbortController().signal,
    wantsUpgrade: false,
    transportUser: SUPERVISOR_USER,
    certificateEndsMs,
  });
  assert.equal(status, 200);
  const text = await read();
  assert.match(text, /^apiserver_client_certificate_expiration_seconds_bucket\{le="86400"\} 0$/m);
  assert.match(text, /^apiserver_client_certificate_expiration_seconds_bucket\{le="172800"\} 1$/m);
});

test("an open watch is counted until it ends", async () => {
  const stop = new AbortController();
  const response = await server.api.handle({
    method: "GET",
    path: "/api/v1/secrets?watch=true",
    headers: {},
    signal: stop.signal,
  });
  assert.match(await read(), /apiserver_longrunning_requests\{[^}]*resource="secrets"[^}]*verb="WATCH"\} 1/);
  stop.abort();
  assert.ok(!(response.body instanceof Uint8Array));
  for await (const _chunk of response.body) break;
  assert.doesNotMatch(await read(), /apiserver_longrunning_requests\{[^}]*resource="secrets"/);
});

test("only who may reads metrics", async () => {
  const { status } = await server.call("GET", "/metrics", { user: { name: "u", groups: ["system:authenticated"] } });
  assert.equal(status, 403);
});

test("health is told as upstream tells it", async () => {
  const { body } = await server.call("GET", "/livez?verbose&exclude=store&exclude=nonsense");
  assert.equal(
    body,
    [
      "[+]ping ok",
      "[+]store excluded: ok",
      'warn: some health checks cannot be excluded: no matches for "nonsense"',
      "livez check passed",
      "",
    ].join("\n"),
  );
  assert.equal((await server.call("GET", "/readyz/store")).body, "ok");
  assert.equal((await server.call("GET", "/livez/none")).status, 404);
});

test("readiness fails before anything else ends", async () => {
  await using ending = await TestServer.start();
  await ending.api.announceShutdown();
  const { status, body } = await ending.call("GET", "/readyz?verbose");
  assert.equal(status, 500);
  assert.match(body, /\[-\]shutdown failed: reason withheld\nreadyz check failed\n$/);
  assert.equal((await ending.call("GET", "/livez")).status, 200);
  assert.equal((await ending.call("GET", "/api/v1/nodes")).status, 200);
});

test("every answer has an id of its own, or the client's", async () => {
  const ids = await Promise.all([1, 2, 3].map(async () => (await server.call("GET", "/version")).headers["audit-id"]));
  assert.equal(new Set(ids).size, 3);
  const { headers } = await server.call("GET", "/api/v1/none", { headers: { "audit-id": "mine" } });
  assert.equal(headers["audit-id"], "mine");
});
