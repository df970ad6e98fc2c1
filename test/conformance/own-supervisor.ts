// A Supervisor of the tests' own: API server and controllers, without any host. It belongs into namespaces of its own
// (`harness/own-namespaces.ts`), where its ports and networks are nobody else's.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { systemClock } from "@atoll/base/clock";
import { stringify } from "yaml";
import { openClient } from "./api-client.ts";
import { runFakeNodes } from "./fake-nodes.ts";

/** On a machine that is busy building, a start takes tens of seconds. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 200;
/** A Supervisor that hangs must not keep its results from being written. */
const STOP_TIMEOUT_MS = 20_000;

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface OwnSupervisor extends AsyncDisposable {
  readonly kubeconfig: string;
  /** Rejects when the Supervisor, or what keeps its Nodes alive, ends before it is told to. */
  readonly failed: Promise<never>;
}

export interface OwnSupervisorOptions {
  readonly stateDirectory: string;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

export async function startOwnSupervisor(options: OwnSupervisorOptions): Promise<OwnSupervisor> {
  const { stateDirectory, logFile, signal } = options;
  await using starting = new AsyncDisposableStack();
  mkdirSync(stateDirectory, { recursive: true });
  const configuration = join(stateDirectory, "supervisor.yaml");
  const dataDirectory = join(stateDirectory, "supervisor");
  // The suite's namespaces have loopback alone, which no service may lead to; nobody goes where this address does.
  const api = { advertiseAddress: "192.0.2.1" };
  // One test waits until a list's version is forgotten, for ten minutes at most: twice the five of a default server.
  const store = { type: "sqlite", historySeconds: 60 };
  const head = { apiVersion: "config.atoll.dev/v1alpha1", kind: "SupervisorConfiguration" };
  const document = { ...head, dataDirectory, api, store };
  writeFileSync(configuration, stringify(document));
  const log = openSync(logFile, "a");
  const command = [join(checkout, "bin/supervisor.ts"), "--config", configuration];
  const child = spawn(process.execPath, command, { cwd: checkout, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = once(child, "exit");
  starting.defer(async () => {
    child.kill("SIGTERM");
    using _ = systemClock.setTimer(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
    await ended;
  });
  const kubeconfig = join(dataDirectory, "admin.kubeconfig");
  const stop = new AbortController();
  const died = ended.then(() => {
    throw new Error(`The Supervisor ended, see ${logFile}`);
  });
  await Promise.race([died, untilReady(kubeconfig, signal)]);
  const { client, transport } = openClient(kubeconfig);
  starting.use(transport);
  const nodes = runFakeNodes(client, stop.signal);
  starting.defer(async () => {
    stop.abort();
    await nodes.catch(() => {});
  });
  const failed = Promise.race([died, nodes.then(() => new Promise<never>(() => {}))]);
  // Whoever waits for it hears of it; that nobody waits is no fault.
  failed.catch(() => {});
  const stack = starting.move();
  return { kubeconfig, failed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function untilReady(kubeconfig: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      if (existsSync(kubeconfig)) {
        const { client, transport } = openClient(kubeconfig);
        await using _ = transport;
        await client.get(Namespace, { name: "kube-node-lease" }, { signal });
        return;
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline) throw new Error("The Supervisor has not written its kubeconfig");
    await systemClock.sleep(POLL_MS, signal);
  }
}
