// Webhooks over the network against a Supervisor of its own on loopback: upstream's test image serves admission webhooks, and what
// the conformance suite asks of them is asked here without pods. Its conversion webhook only runs inside of a pod, so that one
// stands here.
//
//   node test/webhooks/run.ts [--cache DIR]

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "@atoll/base/clock";
import { systemRandom } from "@atoll/base/random";
import { CertificateAuthority } from "@atoll/control-plane/certificates/certificate-authority";
import { readBody } from "@atoll/machinery/client/transport";
import { openClient } from "../conformance/api-client.ts";
import { ensureUpstream } from "../conformance/upstream-programs.ts";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { freePort } from "../harness/upstream-control-plane.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely, and a wrong look fails the test.
type Json = any;

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";
const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const CUSTOM = (version: string) => `/apis/stable.example.com/${version}/namespaces/default/hosts`;

const { values } = parseArgs({ options: { cache: { type: "string", default: "/var/cache/atoll" } } });
const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());

await using stack = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), "webhooks-"));
stack.defer(() => rm(directory, { recursive: true, force: true }));
const { paths } = await ensureUpstream(["agnhost"], {
  cacheDirectory: values.cache,
  jobs: 1,
  note: (text) => console.log(text),
  signal: stop.signal,
});
const authority = await CertificateAuthority.open({
  directory: join(directory, "pki"),
  clock: systemClock,
  random: systemRandom,
});
const caBundle = Buffer.from(authority.certificatePem).toString("base64");
const admission = await startAgnhost("webhook");
const conversion = await startConverter();
const supervisor = await SupervisorProcess.start({ directory: join(directory, "supervisor"), port: await freePort() });
stack.use(supervisor);
const { transport } = openClient(supervisor.kubeconfig);
stack.use(transport);

/** Answers the port. */
async function startAgnhost(command: string): Promise<number> {
  const port = await freePort();
  const { certificate, key } = await authority.issue({ commonName: command, usage: "server", names: ["127.0.0.1"] });
  const [certificateFile, keyFile] = [join(directory, `${command}.crt`), join(directory, `${command}.key`)];
  await writeFile(certificateFile, certificate);
  await writeFile(keyFile, key, { mode: 0o600 });
  const flags = [`--tls-cert-file=${certificateFile}`, `--tls-private-key-file=${keyFile}`, `--port=${port}`];
  const child = spawn(paths.agnhost, [command, ...flags], { stdio: "ignore" });
  const ended = once(child, "exit");
  stack.defer(async () => {
    child.kill();
    await ended;
  });
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (Date.now() > deadline) throw new Error(`agnhost ${command} does not listen`);
    await systemClock.sleep(POLL_MS, stop.signal);
  }
  return port;
}

/** Converts as upstream's does: "hostPort" of v1 is "host" and "port" in v2. */
async function startConverter(): Promise<number> {
  const { certificate, key } = await authority.issue({ commonName: "convert", usage: "server", names: ["127.0.0.1"] });
  const server = createServer({ key, cert: certificate }, async (incoming, outgoing) => {
    const { request, ...review } = JSON.parse(Buffer.concat(await Array.fromAsync(incoming)).toString());
    const convertedObjects = request.objects.map(({ hostPort, host, port, ...rest }: Json) => {
      const apiVersion = request.desiredAPIVersion;
      if (apiVersion === "stable.example.com/v1") return { ...rest, apiVersion, hostPort: `${host}:${port}` };
      const [first, second] = hostPort.split(":");
      return { ...rest, apiVersion, host: first, port: second };
    });
    const response = { uid: request.uid, result: { status: "Success" }, convertedObjects };
    outgoing.setHeader("content-type", "application/json").end(JSON.stringify({ ...review, response }));
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function call(
  method: string,
  path: string,
  body?: Json,
  contentType = "application/json",
): Promise<{ status: number; body: Json }> {
  const headers = { accept: "application/json", ...(body === undefined ? {} : { "content-type": contentType }) };
  const bytes = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  const response = await transport.send({ method, path, headers, ...bytes });
  const text = Buffer.from(await readBody(response.body)).toString();
  return { status: response.status, body: JSON.parse(text) };
}

async function configure(kind: "mutating" | "validating", path: string, rule: Json, more: Json = {}): Promise<string> {
  const name = path.replaceAll("/", "");
  const webhook = {
    name: `${name}.example.com`,
    clientConfig: { url: `https://127.0.0.1:${admission}${path}`, caBundle },
    rules: [{ operations: ["*"], apiVersions: ["*"], ...rule }],
    sideEffects: "None",
    admissionReviewVersions: ["v1", "v1beta1"],
    ...more,
  };
  const collection = `${REGISTRATION}/${kind}webhookconfigurations`;
  const { status, body } = await call("POST", collection, { metadata: { name }, webhooks: [webhook] });
  assert.equal(status, 201, JSON.stringify(body));
  // A read that catches up with what was written.
  await call("GET", collection);
  return `${collection}/${name}`;
}

const configMapOf = (name: string, data: Record<string, string>) => ({ metadata: { name }, data });
const CONFIG_MAP_RULE = { apiGroups: [""], resources: ["configmaps"] };

async function check(what: string, run: () => Promise<void>): Promise<void> {
  await run();
  console.log(`ok: ${what}`);
}

await check("a checking webhook refuses creations, updates and deletions", async () => {
  const configuration = await configure("validating", "/configmaps", CONFIG_MAP_RULE);
  const bad = { "webhook-e2e-test": "webhook-disallow" };
  const refused = await call("POST", CONFIG_MAPS, configMapOf("bad", bad));
  assert.equal(refused.status, 400);
  const denied = 'admission webhook "configmaps.example.com" denied the request: ';
  assert.equal(refused.body.message, `${denied}the configmap contains unwanted key and value`);
  assert.equal((await call("POST", CONFIG_MAPS, configMapOf("good", { a: "b" }))).status, 201);
  const patched = await call("PATCH", `${CONFIG_MAPS}/good`, { data: bad }, "application/merge-patch+json");
  assert.match(patched.body.message, /denied the request/);
  await call("POST", CONFIG_MAPS, configMapOf("kept", { "webhook-e2e-test": "webhook-nondeletable" }));
  assert.match((await call("DELETE", `${CONFIG_MAPS}/kept`)).body.message, /cannot be deleted/);
  assert.equal((await call("DELETE", configuration)).status, 200);
  assert.equal((await call("DELETE", `${CONFIG_MAPS}/kept`)).status, 200);
});

await check("changing webhooks change, one after the other, and defaults follow", async () => {
  const first = await configure("mutating", "/mutating-configmaps", CONFIG_MAP_RULE);
  const { body } = await call("POST", CONFIG_MAPS, configMapOf("stages", { "mutation-start": "yes" }));
  assert.equal(body.data["mutation-stage-1"], "yes");
  await call("DELETE", first);
  const second = await configure("mutating", "/mutating-pods", {
    apiGroups: [""],
    resources: ["pods"],
    operations: ["CREATE"],
  });
  const pod = await call("POST", "/api/v1/namespaces/default/pods", {
    metadata: { name: "webhook-to-be-mutated" },
    spec: { containers: [{ name: "c", image: "x" }] },
  });
  const [init] = pod.body.spec.initContainers;
  assert.deepEqual([init.name, init.terminationMessagePolicy], ["webhook-added-init-container", "File"]);
  await call("DELETE", second);
});

await check("a slow webhook is given its time and no more", async () => {
  const slow = { apiGroups: [""], resources: ["configmaps"], operations: ["CREATE"] };
  const configuration = await configure("validating", "/always-allow-delay-5s", slow, { timeoutSeconds: 1 });
  const { status, body } = await call("POST", CONFIG_MAPS, configMapOf("slow", {}));
  assert.equal(status, 500);
  assert.match(body.message, /\?timeout=1s": context deadline exceeded$/);
  await call("DELETE", configuration);
});

await check("a conversion webhook converts reads, lists and writes", async () => {
  const version = (name: string, storage: boolean) => ({
    name,
    storage,
    served: true,
    schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  });
  const clientConfig = { url: `https://127.0.0.1:${conversion}/crdconvert`, caBundle };
  const created = await call("POST", DEFINITIONS, {
    metadata: { name: "hosts.stable.example.com" },
    spec: {
      group: "stable.example.com",
      scope: "Namespaced",
      names: { plural: "hosts", kind: "Host" },
      versions: [version("v1", true), version("v2", false)],
      conversion: { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } },
    },
  });
  assert.equal(created.status, 201, JSON.stringify(created.body));
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while ((await call("GET", CUSTOM("v1"))).status !== 200) {
    assert.ok(Date.now() < deadline, "the custom resource is never served");
    await systemClock.sleep(POLL_MS, stop.signal);
  }
  const first = await call("POST", CUSTOM("v1"), { kind: "Host", metadata: { name: "a" }, hostPort: "localhost:8080" });
  assert.equal(first.status, 201, JSON.stringify(first.body));
  const second = await call("POST", CUSTOM("v2"), { kind: "Host", metadata: { name: "b" }, host: "h", port: "9" });
  assert.equal(second.status, 201, JSON.stringify(second.body));
  const { items } = (await call("GET", CUSTOM("v2"))).body;
  assert.deepEqual(
    items.map(({ host, port }: Json) => `${host}:${port}`),
    ["localhost:8080", "h:9"],
  );
  assert.equal((await call("GET", `${CUSTOM("v1")}/b`)).body.hostPort, "h:9");
});

console.log("All webhooks did what the conformance suite asks of them");
