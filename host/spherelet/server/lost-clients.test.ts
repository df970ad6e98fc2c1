// Clients that stop in the middle of what they began, over real connections.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, test } from "node:test";
import type { Pod } from "@atoll/api/generated/types";
import { systemClock } from "@atoll/base/clock";
import { type Logger, silentLogger } from "@atoll/base/log";
import { ObjectCache } from "@atoll/machinery/controller/object-cache";
import { KubeletServer } from "./kubelet-server.ts";
import { type Identity, MemoryAuthority } from "./memory-authority.ts";

const bounded = { timeout: 10_000 };

let authority: MemoryAuthority;
let apiServer: Identity;
let server: KubeletServer;
/** How long somebody waits for the agent's line, which never comes. */
let asked: PromiseWithResolvers<AbortSignal>;
let failed: PromiseWithResolvers<unknown>;

beforeEach(async () => {
  [asked, failed] = [Promise.withResolvers(), Promise.withResolvers()];
  authority = await MemoryAuthority.create();
  apiServer = await authority.issue("O=system:masters, CN=kube-apiserver-kubelet-client");
  const serving = await authority.issue("CN=host-1");
  const pods = new ObjectCache<Pod>();
  pods.put({ metadata: { name: "web", namespace: "default", uid: "1" }, spec: { containers: [{ name: "main" }] } });
  const log: Logger = { ...silentLogger, info: (_message, fields) => failed.resolve(fields?.error) };
  server = await KubeletServer.listen({
    ...{ address: "127.0.0.1", port: 0, nodeName: "host-1", pods, clock: systemClock, log },
    ...{ certificate: serving.certificate, key: serving.key, clientAuthority: authority.certificate },
    lines: {
      connect: (_uid, signal) => {
        asked.resolve(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    },
  });
});
afterEach(() => server[Symbol.asyncDispose]());

test("the server's end does not wait for a client that never greets", bounded, async () => {
  const socket = connectTcp({ host: "127.0.0.1", port: server.port });
  await once(socket, "connect");
  // The server has taken it when it has answered another one after it.
  await assert.rejects(once(httpsRequest({ host: "127.0.0.1", port: server.port, agent: false }).end(), "response"));
  const closed = once(socket, "close");
  socket.resume().on("error", () => {});
  await server[Symbol.asyncDispose]();
  await closed;
});

test("an upgrade ends with a client that left before the guest answered", bounded, async () => {
  const socket = connectTcp({ host: "127.0.0.1", port: server.port }).on("error", () => {});
  const { certificate: cert, key } = apiServer;
  const outgoing = httpsRequest({
    path: "/exec/default/web/main?command=cat&output=1",
    headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" },
    createConnection: () => connectTls({ socket, host: "127.0.0.1", ca: authority.certificate, cert, key }),
  }).on("error", () => {});
  outgoing.end();
  const signal = await asked.promise;
  assert.ok(!signal.aborted);
  socket.resetAndDestroy();
  assert.match(String(await failed.promise), /The client left/);
  assert.ok(signal.aborted);
});
