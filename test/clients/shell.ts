// One API server as a user's shell sees it: a directory to work in, with kubectl and helm in the path and a kubeconfig of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** One command on a machine that is busy otherwise: some ask two servers for two hundred objects. */
const COMMAND_TIMEOUT_MS = 300_000;

export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  readonly directory: string;
  /** Copied: scripts change it. */
  readonly kubeconfig: string;
  /** By the names they are called with. */
  readonly programs: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export class Shell {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  readonly #environment: NodeJS.ProcessEnv;

  static async open({ directory, kubeconfig, programs, signal }: ShellOptions): Promise<Shell> {
    const bin = join(directory, "bin");
    await rm(directory, { recursive: true, force: true });
    await mkdir(bin, { recursive: true });
    for (const [name, path] of Object.entries(programs)) await symlink(path, join(bin, name));
    await copyFile(kubeconfig, join(directory, "kubeconfig"));
    return new Shell(directory, signal);
  }

  private constructor(directory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#signal = signal;
    this.#environment = {
      PATH: `${join(directory, "bin")}:${process.env.PATH}`,
      HOME: directory,
      KUBECONFIG: join(directory, "kubeconfig"),
      LC_ALL: "C.UTF-8",
      TZ: "UTC",
      // What a mistake in a line would otherwise start is an editor that waits for a terminal.
      EDITOR: "false",
    };
  }

  async writeFiles(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.#directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }

  /** Runs a line of a shell; never throws for what the line does. */
  async run(line: string): Promise<ShellResult> {
    const child = spawn("bash", ["-o", "pipefail", "-c", line], {
      cwd: this.#directory,
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(COMMAND_TIMEOUT_MS)]),
    });
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    try {
      const [code] = await once(child, "close");
      return { code: code ?? 1, stdout: stdout(), stderr: stderr() };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { code: 1, stdout: stdout(), stderr: `${stderr()}\n${error}` };
    }
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
