// An etcd of one member on this machine, for tests: data in a directory of its own, ports that were free. The program
// is Debian's, so that the store is tried with what an operator has.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { VALUE_BYTES_MAX } from "../store.ts";

const START_TIMEOUT_MS = 20_000;

/** A transaction may hold several values of the largest size. */
const REQUEST_BYTES_MAX = 8 * VALUE_BYTES_MAX;

export interface EtcdProcessOptions {
  /** Kept when it is given, else made and removed. */
  readonly directory?: string;
  /** Undefined: a free one. */
  readonly port?: number;
  /** Files for TLS, in which clients must show a certificate. */
  readonly tls?: { readonly authority: string; readonly certificate: string; readonly key: string };
  /** False: without waiting for the disk, for tests that do not ask what survives. */
  readonly isDurable?: boolean;
}

export class EtcdProcess implements AsyncDisposable {
  readonly endpoint: string;
  readonly directory: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #isOwnDirectory: boolean;
  #log = "";

  static async start(options: EtcdProcessOptions = {}): Promise<EtcdProcess> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "etcd-")));
    const port = options.port ?? (await freePort());
    const etcd = new EtcdProcess(directory, port, await freePort(), options);
    await etcd.#untilReady();
    return etcd;
  }

  private constructor(directory: string, port: number, peerPort: number, options: EtcdProcessOptions) {
    const { tls, isDurable = true } = options;
    this.directory = directory;
    this.port = port;
    this.endpoint = `127.0.0.1:${port}`;
    this.#isOwnDirectory = options.directory === undefined;
    const url = `${tls ? "https" : "http"}://${this.endpoint}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    const settings: Record<string, string> = {
      "data-dir": join(directory, "data"),
      "listen-client-urls": url,
      "advertise-client-urls": url,
      "listen-peer-urls": peerUrl,
      "initial-advertise-peer-urls": peerUrl,
      "initial-cluster": `default=${peerUrl}`,
      "max-request-bytes": `${REQUEST_BYTES_MAX}`,
      "heartbeat-interval": "10",
      "election-timeout": "100",
      "log-level": "warn",
      logger: "zap",
      ...(isDurable ? {} : { "unsafe-no-fsync": "true" }),
      ...(tls && { "trusted-ca-file": tls.authority, "cert-file": tls.certificate, "key-file": tls.key }),
      ...(tls && { "client-cert-auth": "true" }),
    };
    const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn("etcd", flags, { stdio: ["ignore", "ignore", "pipe"] });
    const output: Readable | null = this.#child.stderr;
    output?.on("data", (chunk) => {
      this.#log = `${this.#log}${chunk}`.slice(-4000);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#isOwnDirectory) await rm(this.directory, { recursive: true });
  }

  /** It listens before it has a leader, but answers only then; the store's first call waits for that. */
  async #untilReady(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await isListening(this.port))) {
      if (this.#child.exitCode !== null) throw new Error(`etcd ended with code ${this.#child.exitCode}: ${this.#log}`);
      if (performance.now() > deadline) throw new Error(`etcd does not answer: ${this.#log}`);
      await wait(10);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
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
