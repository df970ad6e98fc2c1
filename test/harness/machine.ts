// The machine under test: a Supervisor of the tests' own, driven through the same commands that a user types.

import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureKubectl } from "../clients/client-programs.ts";

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`"${name}" is not set: run these tests with test/e2e/run.ts`);
  return value;
}

export const checkout = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
export const stateDirectory = required("ATOLL_E2E_STATE_DIR");
export const runDirectory = join(required("ATOLL_E2E_RUN_DIR"), "run");
export const cacheDirectory = required("ATOLL_E2E_CACHE_DIR");

const kubeconfig = join(stateDirectory, "supervisor/admin.kubeconfig");
/** One kubectl or atoll call; nothing here waits longer for a machine under load. */
const COMMAND_TIMEOUT_MS = 300_000;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function resultOf(done: SpawnSyncReturns<string>): Result {
  return { code: done.status ?? 1, stdout: done.stdout ?? "", stderr: `${done.stderr ?? ""}${done.error ?? ""}` };
}

/** Runs a command of `atoll` on the Supervisor under test, through the launcher that a user starts. */
export function atoll(...args: string[]): Result {
  const places = ["--state-dir", stateDirectory, "--run-dir", runDirectory, "--cache-dir", cacheDirectory];
  const options = { encoding: "utf8", timeout: COMMAND_TIMEOUT_MS } as const;
  return resultOf(spawnSync(join(checkout, "atoll"), [...places, ...args], options));
}

/** The Supervisor and one host, brought up if need be; every test file starts with it. */
export function ensureUp(): void {
  mkdirSync(stateDirectory, { recursive: true });
  const done = atoll("up");
  if (done.code !== 0) throw new Error(`atoll up failed:\n${done.stdout}${done.stderr}`);
}

export interface KubectlOptions {
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  readonly environment?: Record<string, string>;
}

export function kubectlPath(): string {
  return ensureKubectl(cacheDirectory);
}

export function kubectlEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: kubeconfig, HOME: stateDirectory };
}

/** Runs the real kubectl as the administrator; never throws. */
export function tryKubectl(args: readonly string[], options: KubectlOptions = {}): Result {
  return resultOf(
    spawnSync(kubectlPath(), args, {
      encoding: "utf8",
      env: { ...kubectlEnvironment(), ...options.environment },
      timeout: options.timeoutMs ?? COMMAND_TIMEOUT_MS,
      maxBuffer: 256 * 1024 * 1024,
      ...(options.input === undefined ? {} : { input: options.input }),
    }),
  );
}

/** Runs kubectl and returns what it printed; a failure throws with both outputs. */
export function kubectl(args: readonly string[], options: KubectlOptions = {}): string {
  const done = tryKubectl(args, options);
  if (done.code !== 0)
    throw new Error(`kubectl ${args.join(" ")} ended with ${done.code}:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** kubectl in the background, for -f, -w and port-forward; the caller ends it. */
export function startKubectl(args: readonly string[]) {
  return spawn(kubectlPath(), args, { env: kubectlEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
}

export function apply(manifest: string): void {
  kubectl(["apply", "-f", "-"], { input: manifest });
}

// biome-ignore lint/suspicious/noExplicitAny: tests read a few fields of many kinds, and a wrong path fails the test
export function getObject(namespace: string, kind: string, name: string): any {
  return JSON.parse(kubectl(["-n", namespace, "get", kind, name, "-o", "json"]));
}

/** A namespace of the test's own. */
export function makeNamespace(name: string): string {
  const unique = `${name}-${randomBytes(3).toString("hex")}`;
  kubectl(["create", "namespace", unique]);
  return unique;
}

/** Waits until every pod of the namespace (or the named one) is Ready. */
export function waitReady(namespace: string, pod?: string, timeoutSeconds = 180): void {
  const what = pod ? [`pod/${pod}`] : ["pod", "--all"];
  const done = tryKubectl(["-n", namespace, "wait", "--for=condition=Ready", `--timeout=${timeoutSeconds}s`, ...what]);
  if (done.code === 0) return;
  const pods = tryKubectl(["-n", namespace, "describe", "pods"]).stdout;
  throw new Error(`Pods of ${namespace} are not ready: ${done.stderr}\n${pods}`);
}

/** Polls until `check` returns something; the only wait of the tests that is not a watch. */
export async function until<T>(what: string, check: () => T | undefined | false, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms for: ${what}`);
    await sleep(200);
  }
}

/** Collects what a background process prints, until it holds `wanted`. */
export async function untilPrinted(
  child: ReturnType<typeof startKubectl>,
  wanted: RegExp,
  timeoutMs = 60_000,
): Promise<string> {
  let text = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  await until(`"${wanted}" in the output`, () => wanted.test(text), timeoutMs).catch((error: unknown) => {
    throw new Error(`${error}\nstdout: ${text}\nstderr: ${errors}`);
  });
  return text;
}

/** Processes of this machine whose command line holds `part`. */
export function processesWith(part: string): { pid: number; user: string; command: string }[] {
  const listed = spawnSync("ps", ["-eo", "pid=,uid=,args=", "-ww"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return listed.stdout
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match?.[3]?.includes(part) && !match[3].startsWith("ps "))
    .map((match) => ({ pid: Number(match?.[1]), user: match?.[2] ?? "", command: match?.[3] ?? "" }));
}

/** The QEMU processes of the Supervisor under test; each pod has exactly one. */
export function qemuProcesses(): { pid: number; user: string; command: string }[] {
  return processesWith("qemu-system-x86_64").filter(({ command }) => /^(\S*\/)?qemu-system-x86_64/.test(command));
}

export function isThere(path: string): boolean {
  return existsSync(path);
}
