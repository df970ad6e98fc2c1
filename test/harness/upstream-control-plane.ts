// Upstream's API server on an etcd of its own, and its controllers and scheduler where asked for: the other side of comparisons.
// Everything listens on loopback, keeps its state below one directory and ends with its owner.

import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { systemClock } from "@atoll/base/clock";
import { systemRandom } from "@atoll/base/random";
import { CertificateAuthority, type KeyPairPem } from "@atoll/control-plane/certificates/certificate-authority";
import { stringify } from "yaml";
import { startProgram } from "./child-program.ts";

/** On a machine that is busy otherwise. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 5;
/** The documented address of no host: the server refuses to publish a loopback one, and nothing connects to it. */
const ADVERTISED_ADDRESS = "192.0.2.1";
const TOKEN = "administrator-of-this-comparison";

export interface UpstreamPrograms {
  readonly "kube-apiserver": string;
  readonly "kube-controller-manager"?: string;
  readonly "kube-scheduler"?: string;
}

export interface UpstreamOptions {
  readonly programs: UpstreamPrograms;
  /** Made where it does not exist; a second start on it finds the data of the first. */
  readonly directory: string;
  /** Of an etcd that runs already; undefined: one of its own, on an empty directory. */
  readonly etcdUrl?: string;
  readonly apiServerFlags?: readonly string[];
  readonly controllerFlags?: readonly string[];
  readonly signal: AbortSignal;
}

export interface UpstreamControlPlane extends AsyncDisposable {
  readonly url: string;
  readonly etcdUrl: string;
  readonly token: string;
  readonly kubeconfig: string;
  /** By program, for who measures them. */
  readonly pids: Readonly<Record<string, number>>;
  /** From the start of the API server's process (etcd's, where it is its own) to its first good answer. */
  readonly startMs: number;
  startControllers(): Promise<void>;
}

/** Debian's etcd, alone and on loopback. */
export async function startEtcd(options: {
  readonly directory: string;
  readonly signal: AbortSignal;
}): Promise<AsyncDisposable & { readonly url: string; readonly pid: number }> {
  const { directory, signal } = options;
  await mkdir(directory, { recursive: true });
  const [clientPort, peerPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${clientPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const args = [
    ...["--name", "a", "--data-dir", join(directory, "etcd")],
    ...["--listen-client-urls", url, "--advertise-client-urls", url],
    ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl, "--initial-cluster", `a=${peerUrl}`],
    ...["--quota-backend-bytes", String(4 * 1024 ** 3), "--log-level", "warn"],
  ];
  await using starting = new AsyncDisposableStack();
  const program = starting.use(startProgram({ name: "etcd", path: "etcd", args, directory }));
  await untilAnswered(`${url}/health`, program.child, signal);
  const stack = starting.move();
  return { url, pid: program.child.pid ?? 0, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

export async function startUpstream(options: UpstreamOptions): Promise<UpstreamControlPlane> {
  const { programs, directory, signal } = options;
  await using starting = new AsyncDisposableStack();
  await mkdir(directory, { recursive: true });
  const files = await writeCredentials(directory);
  const startedMs = performance.now();
  const pids: Record<string, number> = {};
  let { etcdUrl } = options;
  if (etcdUrl === undefined) {
    const etcd = starting.use(await startEtcd({ directory, signal }));
    etcdUrl = etcd.url;
    pids.etcd = etcd.pid;
  }
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const api = starting.use(
    startProgram({
      name: "kube-apiserver",
      path: programs["kube-apiserver"],
      args: [...apiServerFlags(files, { etcdUrl, port }), ...(options.apiServerFlags ?? [])],
      directory,
    }),
  );
  pids["kube-apiserver"] = api.child.pid ?? 0;
  await untilAnswered(`${url}/readyz`, api.child, signal);
  const startMs = performance.now() - startedMs;
  const kubeconfig = join(directory, "kubeconfig");
  await writeFile(kubeconfig, stringify(kubeconfigFor(url)));
  const stack = starting.move();
  return {
    url,
    etcdUrl,
    token: TOKEN,
    kubeconfig,
    pids,
    startMs,
    async startControllers() {
      for (const name of ["kube-controller-manager", "kube-scheduler"] as const) {
        const path = programs[name];
        if (path === undefined) continue;
        const securePort = await freePort();
        const own = name === "kube-controller-manager" ? controllerFlags(files) : [];
        const args = [...clientFlags(kubeconfig, securePort), ...own, ...(options.controllerFlags ?? [])];
        pids[name] = stack.use(startProgram({ name, path, args, directory })).child.pid ?? 0;
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface CredentialFiles {
  readonly authority: string;
  readonly authorityKey: string;
  readonly serving: { readonly certificate: string; readonly key: string };
  readonly proxyAuthority: string;
  readonly proxy: { readonly certificate: string; readonly key: string };
  readonly accountKey: string;
  readonly accountPublicKey: string;
  readonly tokens: string;
}

async function writeCredentials(directory: string): Promise<CredentialFiles> {
  const world = { clock: systemClock, random: systemRandom };
  const authority = await CertificateAuthority.open({ directory: join(directory, "pki"), ...world });
  const proxyAuthority = await CertificateAuthority.open({ directory: join(directory, "front-proxy"), ...world });
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const writePair = async (name: string, pair: KeyPairPem) => ({
    certificate: await write(`${name}.crt`, pair.certificate),
    key: await write(`${name}.key`, pair.key),
  });
  const names = ["127.0.0.1", "localhost", "kubernetes.default.svc"];
  const account = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    authority: join(directory, "pki/ca.crt"),
    authorityKey: join(directory, "pki/ca.key"),
    serving: await writePair(
      "serving",
      await authority.issue({ commonName: "kube-apiserver", usage: "server", names }),
    ),
    proxyAuthority: join(directory, "front-proxy/ca.crt"),
    proxy: await writePair("proxy", await proxyAuthority.issue({ commonName: "front-proxy-client", usage: "client" })),
    accountKey: await write("sa.key", account.privateKey.export({ type: "pkcs1", format: "pem" }).toString()),
    accountPublicKey: await write("sa.pub", account.publicKey.export({ type: "spki", format: "pem" }).toString()),
    tokens: await write("tokens.csv", `${TOKEN},admin,admin,"system:masters"\n`),
  };
}

function apiServerFlags(files: CredentialFiles, at: { readonly etcdUrl: string; readonly port: number }): string[] {
  return [
    `--etcd-servers=${at.etcdUrl}`,
    "--bind-address=127.0.0.1",
    `--advertise-address=${ADVERTISED_ADDRESS}`,
    `--secure-port=${at.port}`,
    `--tls-cert-file=${files.serving.certificate}`,
    `--tls-private-key-file=${files.serving.key}`,
    `--client-ca-file=${files.authority}`,
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${files.accountPublicKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    `--token-auth-file=${files.tokens}`,
    "--authorization-mode=Node,RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--allow-privileged=true",
    `--requestheader-client-ca-file=${files.proxyAuthority}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    `--proxy-client-cert-file=${files.proxy.certificate}`,
    `--proxy-client-key-file=${files.proxy.key}`,
    "--enable-aggregator-routing=true",
    "--v=0",
  ];
}

function clientFlags(kubeconfig: string, securePort: number): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${securePort}`,
    "--leader-elect=false",
  ];
}

function controllerFlags(files: CredentialFiles): string[] {
  return [
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.authority}`,
    `--cluster-signing-cert-file=${files.authority}`,
    `--cluster-signing-key-file=${files.authorityKey}`,
    "--service-cluster-ip-range=10.96.0.0/16",
  ];
}

function kubeconfigFor(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "upstream", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: { token: TOKEN } }],
    contexts: [{ name: "upstream", context: { cluster: "upstream", user: "admin" } }],
    "current-context": "upstream",
  };
}

/** Free at the moment of asking; who takes it next is a matter of trust on a machine of tests. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("A listening server has no address");
  return address.port;
}

async function untilAnswered(url: string, child: ChildProcess, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isGood(url))) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended with ${child.exitCode} at its start`);
    if (performance.now() > deadline) throw new Error(`${url} gives no good answer`);
    await systemClock.sleep(POLL_MS, signal);
  }
}

function isGood(url: string): Promise<boolean> {
  if (url.startsWith("http:")) {
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  }
  return new Promise((resolve) => {
    const asked = request(url, { rejectUnauthorized: false, headers: { authorization: `Bearer ${TOKEN}` } });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
