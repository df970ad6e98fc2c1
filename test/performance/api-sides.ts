// The two sides of a comparison: Atoll on SQLite with synced writes, upstream's API server on etcd. Each gives the same kind of
// credential, a service account's token, and says which processes serve it.

import { readFileSync } from "node:fs";
import { systemClock } from "@atoll/base/clock";
import { serverAccess } from "@atoll/machinery/client/kubeconfig";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { readBody, type Transport } from "@atoll/machinery/client/transport";
import { parse } from "yaml";
import { freePort, startUpstream, type UpstreamPrograms } from "../harness/upstream-control-plane.ts";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { openConnection, type Target } from "./load/connection.ts";

const POLL_MS = 2;

export interface Side extends AsyncDisposable, Target {
  readonly name: "atoll" | "upstream";
  readonly pids: readonly number[];
  /** From the start of the first process to the first good answer. */
  readonly startMs: number;
}

export interface SideOptions {
  readonly directory: string;
  /** Whether controllers run, too: in Atoll's one process, as upstream's controller manager at its high rates. */
  readonly withControllers: boolean;
  /** Beside the test's own. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export async function startAtoll(options: SideOptions): Promise<Side> {
  const { directory, withControllers, environment, signal } = options;
  await using starting = new AsyncDisposableStack();
  await SupervisorProcess.compile(directory);
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const started = performance.now();
  const supervisor = starting.use(
    await SupervisorProcess.start({
      ...{ directory, port, advertiseAddress: "192.0.2.1", role: withControllers ? "all" : "api", environment },
    }),
  );
  while (!(await isAnswered(url))) await systemClock.sleep(POLL_MS, signal);
  const startMs = performance.now() - started;
  const kubeconfig = readFileSync(supervisor.kubeconfig, "utf8");
  const access = serverAccess(parse(kubeconfig), { readFile: (path) => readFileSync(path) });
  await using transport = new NodeTransport({ ...access, clock: systemClock });
  const token = await accountToken(transport.send);
  const stack = starting.move();
  return {
    ...{ name: "atoll", url, token, startMs, pids: [supervisor.pid] },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function startUpstreamSide(programs: UpstreamPrograms, options: SideOptions): Promise<Side> {
  await using starting = new AsyncDisposableStack();
  const rates = ["--kube-api-qps=5000", "--kube-api-burst=10000"];
  const upstream = starting.use(await startUpstream({ ...options, programs, controllerFlags: rates }));
  if (options.withControllers) await upstream.startControllers();
  const connection = starting.use(openConnection(upstream, "h1", 4));
  const token = await accountToken(async ({ method, path, body }) => {
    const sent = body ? { body: Buffer.from(body).toString() } : {};
    const { status, text } = await connection.call(method, path, { ...sent, wantsText: true });
    return { status, headers: {}, body: Buffer.from(text) };
  });
  const stack = starting.move();
  return {
    ...{ name: "upstream", url: upstream.url, token, startMs: upstream.startMs, pids: Object.values(upstream.pids) },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function isAnswered(url: string): Promise<boolean> {
  using connection = openConnection({ url, token: "" }, "h1", 1);
  const answer = await connection.call("GET", "/readyz").catch(() => undefined);
  return answer?.status === 200;
}

const ACCOUNT = { name: "load", namespace: "kube-system" };
const TOKEN_SECONDS = 86_400;

/** Of an account that may do everything; made where it is not there yet. */
async function accountToken(send: Transport): Promise<string> {
  const accounts = `/api/v1/namespaces/${ACCOUNT.namespace}/serviceaccounts`;
  const post = async (path: string, object: object): Promise<string> => {
    const body = Buffer.from(JSON.stringify(object));
    const answer = await send({ method: "POST", path, headers: { "content-type": "application/json" }, body });
    const text = Buffer.from(await readBody(answer.body)).toString();
    if (answer.status >= 300 && answer.status !== 409) throw new Error(`POST ${path}: ${answer.status} ${text}`);
    return text;
  };
  await post(accounts, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT.name } });
  await post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "load" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", ...ACCOUNT }],
  });
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: TOKEN_SECONDS },
  };
  return JSON.parse(await post(`${accounts}/${ACCOUNT.name}/token`, request)).status.token;
}
