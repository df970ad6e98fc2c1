// A Supervisor as a process of its own, on loopback and without hosts: to be stopped, killed and started again on its data.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@atoll/base/clock";
import { stringify } from "yaml";

/** On a machine that is busy otherwise. */
const READY_TIMEOUT_MS = 120_000;
const POLL_MS = 10;
const STOP_TIMEOUT_MS = 30_000;

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface SupervisorProcessOptions {
  /** Kept: a second start on it finds the data of the first. */
  readonly directory: string;
  readonly port: number;
  /** As in the Supervisor's configuration. */
  readonly store?: Readonly<Record<string, unknown>>;
  /** Where pods would reach it; left out: at the machine's own address. */
  readonly advertiseAddress?: string;
  /** Left out: all in one process. */
  readonly role?: "all" | "api";
  /** Left out: beside the data. */
  readonly logFile?: string;
  /** Beside the test's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** As `atoll` starts it (`cli/local/local-supervisor.ts`, decision 0251). */
const NODE_FLAGS = ["--max-semi-space-size=8"];

/** What Node compiled is kept for the next start, once a program has ended by itself. */
const compileCacheOf = (directory: string) => ({ NODE_COMPILE_CACHE: join(directory, "compile-cache") });

export class SupervisorProcess implements AsyncDisposable {
  readonly kubeconfig: string;
  readonly #child: ChildProcess;
  readonly #port: number;
  readonly #logFile: string;

  /** As `atoll` does where it sets a Supervisor up (decision 0262): a first start in the directory is then like every other. */
  static async compile(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    const command = [...NODE_FLAGS, join(checkout, "bin/supervisor.ts"), "compile"];
    const env = { ...process.env, ...compileCacheOf(directory) };
    const child = spawn(process.execPath, command, { cwd: checkout, env, stdio: "inherit" });
    const [code] = await once(child, "exit");
    if (code !== 0) throw new Error(`Compiling the Supervisor ended with ${code}`);
  }

  /** Resolves when the API listens. */
  static async start(options: SupervisorProcessOptions): Promise<SupervisorProcess> {
    const { directory, port, store, advertiseAddress } = options;
    await mkdir(directory, { recursive: true });
    const file = join(directory, "supervisor.yaml");
    const document = {
      apiVersion: "config.atoll.dev/v1alpha1",
      kind: "SupervisorConfiguration",
      dataDirectory: join(directory, "data"),
      api: { port, ...(advertiseAddress && { advertiseAddress }) },
      ...(store && { store }),
    };
    await writeFile(file, stringify(document));
    const supervisor = new SupervisorProcess(options, file);
    await supervisor.#untilListening();
    return supervisor;
  }

  private constructor(options: SupervisorProcessOptions, file: string) {
    const { directory, port, logFile, role = "all", environment } = options;
    this.#port = port;
    this.kubeconfig = join(directory, "data/admin.kubeconfig");
    this.#logFile = logFile ?? join(directory, "supervisor.log");
    const log = openSync(this.#logFile, "a");
    const command = [...NODE_FLAGS, join(checkout, "bin/supervisor.ts"), "--config", file, "--role", role];
    const env = { ...process.env, ...compileCacheOf(directory), ...environment };
    this.#child = spawn(process.execPath, command, { cwd: checkout, env, stdio: ["ignore", log, log] });
    closeSync(log);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the process ends, however it does. */
  async untilEnded(): Promise<void> {
    if (!this.hasEnded) await once(this.#child, "exit");
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Returns the exit code; undefined when a signal ended it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | undefined> {
    if (!this.hasEnded) {
      const ended = once(this.#child, "exit");
      this.#child.kill(signal);
      using _ = systemClock.setTimer(STOP_TIMEOUT_MS, () => this.#child.kill("SIGKILL"));
      await ended;
    }
    return this.#child.exitCode ?? undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The kubeconfig is made anew at every start: one of the start before may name another port. */
  #isWritten(): boolean {
    return existsSync(this.kubeconfig) && readFileSync(this.kubeconfig, "utf8").includes(`:${this.#port}`);
  }

  async #untilListening(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!((await isListening(this.#port)) && this.#isWritten())) {
      if (this.hasEnded) throw new Error(`The Supervisor ended at its start, see ${this.#logFile}`);
      if (performance.now() > deadline) throw new Error(`The Supervisor does not listen, see ${this.#logFile}`);
      await systemClock.sleep(POLL_MS);
    }
  }
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
