// The same wiring as in the Supervisor, on the real API server in this process: schemas, defaults, admission and validation
// must let everything pass that controllers write.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { supervisorConfiguration } from "@atoll/api/config/supervisor";
import { Event } from "@atoll/api/core/event/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { ServiceAccount } from "@atoll/api/core/service-account/kind";
import { schemaModel } from "@atoll/api/generated/schemas";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { kinds } from "@atoll/api/kinds";
import { POD_INTERFACE_ANNOTATION } from "@atoll/api/network/annotations";
import { systemClock } from "@atoll/base/clock";
import type { LogFields, Logger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { ApiServer } from "@atoll/control-plane/apiserver/api-server";
import { ServiceAccountTokens } from "@atoll/control-plane/apiserver/authentication/service-account-tokens";
import { openServiceAccountKey } from "@atoll/control-plane/certificates/service-account-key";
import { MemoryStore } from "@atoll/control-plane/store/memory/memory-store";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { inProcessTransport } from "@atoll/machinery/client/in-process";
import { startControllers } from "./controllers.ts";

function recordingLogger(errors: unknown[]): Logger {
  return {
    debug: () => {},
    info: () => {},
    error: (message: string, fields?: LogFields) => errors.push([message, fields]),
    with: () => recordingLogger(errors),
  };
}

async function start(t: { after: (hook: () => Promise<void>) => void }) {
  const clock = systemClock;
  const random = systemRandom;
  const errors: unknown[] = [];
  const log = recordingLogger(errors);
  const controller = new AbortController();
  const directory = await mkdtemp(join(tmpdir(), "controllers-"));
  const key = await openServiceAccountKey(directory);
  const server = new ApiServer({
    store: new MemoryStore(clock),
    kinds,
    model: schemaModel,
    tokens: new ServiceAccountTokens({ key, issuer: "https://kubernetes.default.svc", clock, random }),
    encryption: undefined,
    nodeClient: undefined,
    serverAddress: "127.0.0.1:6443",
    services: {
      cidrs: ["10.96.0.0/16"],
      nodePorts: { first: 30_000, last: 32_767 },
      sharesStore: false,
      advertised: { address: "192.0.2.1", port: 6443 },
    },
    clock,
    random,
    log,
  });
  await server.start(controller.signal);
  const transport = inProcessTransport((request) => server.handle(request));
  const client = new HttpClient({ transport, clock, userAgent: "test" });
  const configuration = supervisorConfiguration.parse({
    apiVersion: "config.atoll.dev/v1alpha1",
    kind: "SupervisorConfiguration",
    dataDirectory: directory,
  });
  const { signal } = controller;
  const ended = startControllers({
    client,
    clock,
    random,
    log,
    configuration,
    certificateAuthority: "PEM",
    signCertificate: async () => "PEM",
    issueSecretToken: async () => "token",
    signal,
  });
  t.after(async () => {
    controller.abort();
    await ended;
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  return { client, errors, signal };
}

/** Waits for a state of the API; the test runner's own time limit ends a wait for one that never comes. */
async function until(isThere: () => Promise<boolean>): Promise<void> {
  while (!(await isThere())) await systemClock.sleep(20);
}

test("a Deployment becomes pods with host, address and image, and a namespace is emptied", {
  timeout: 20_000,
}, async (t) => {
  const { client, errors } = await start(t);
  await client.create(Namespace, { metadata: { name: "team" }, spec: {} });
  await client.create(Node, { metadata: { name: "host-1" }, spec: {} });
  const status = {
    allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
    conditions: [{ type: "Ready", status: "True", reason: "Fine", message: "Fine" }],
  };
  await client.patch(Node, { name: "host-1" }, { type: "merge", body: { status } }, { subresource: "status" });
  await until(async () => (await client.list(ServiceAccount, { namespace: "team" })).items.length > 0);
  const labels = { app: "web" };
  await client.create(Deployment, {
    metadata: { name: "web", namespace: "team" },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx" }] } },
    },
  });
  const podsWithAddress = async () =>
    (await client.list(Pod, { namespace: "team" })).items.filter(
      (pod) => pod.spec.nodeName === "host-1" && pod.metadata.annotations?.[POD_INTERFACE_ANNOTATION] !== undefined,
    );
  await until(async () => (await podsWithAddress()).length === 3);
  await until(async () => (await client.list(Image, { namespace: "team" })).items.length === 1);
  await until(async () => {
    const { items } = await client.list(Event, { namespace: "team" });
    return ["Scheduled", "NetworkReady", "SuccessfulCreate", "ScalingReplicaSet"].every((reason) =>
      items.some((event) => event.reason === reason),
    );
  });
  await client.delete(Namespace, { name: "team" });
  await until(async () => {
    // Plays the host: pods on their way out are gone.
    for (const pod of (await client.list(Pod, { namespace: "team" })).items) {
      const name = { name: pod.metadata.name ?? "", namespace: "team" };
      if (pod.metadata.deletionTimestamp) await client.delete(Pod, name, { gracePeriodSeconds: 0 });
    }
    return !(await client.list(Namespace)).items.some(({ metadata }) => metadata.name === "team");
  });
  assert.equal((await client.list(ReplicaSet)).items.length, 0);
  assert.deepEqual(errors, []);
});
