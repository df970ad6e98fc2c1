// A Supervisor of the tests' own: API server and controllers, without any host. It belongs into namespaces of its own
// (`harness/own-namespaces.ts`), where its ports and networks are nobody else's.

import { Namespace } from "@atoll/api/core/namespace/kind";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { openClient } from "./api-client.ts";
import { runFakeNodes } from "./fake-nodes.ts";

/** On a machine that is busy building, a start takes tens of seconds. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 200;
/** Nobody else's: the namespaces are its own. */
const PORT = 6443;

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
  const supervisor = starting.use(
    await SupervisorProcess.start({
      directory: stateDirectory,
      logFile,
      port: PORT,
      // The suite's namespaces have loopback alone, which no service may lead to; nobody goes where this address does.
      advertiseAddress: "192.0.2.1",
      // One test waits until a list's version is forgotten, for ten minutes at most: twice the five of a default server.
      store: { type: "sqlite", historySeconds: 60 },
    }),
  );
  const { kubeconfig } = supervisor;
  const died = supervisor.untilEnded().then(() => {
    throw new Error(`The Supervisor ended, see ${logFile}`);
  });
  const { client, transport } = openClient(kubeconfig);
  starting.use(transport);
  await Promise.race([died, untilReady(client, signal)]);
  const stop = new AbortController();
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

/** Its controllers have begun: the last of the namespaces that a cluster starts with is there. */
async function untilReady(client: Client, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      await client.get(Namespace, { name: "kube-node-lease" }, { signal });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await systemClock.sleep(POLL_MS, signal);
  }
}
