// The program of `informer/`, built once and kept in the cache, as a process of its own.

import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { goEnvironment } from "../../conformance/upstream-programs.ts";
import type { Informed, InformedReport } from "../informers/informed.ts";
import { NAMESPACE } from "../informers/watched-objects.ts";

const source = join(import.meta.dirname, "informer");
/** As upstream's own programs are built: what they need alike is compiled once. */
const FLAGS = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-modcacherw", "-tags", "selinux,notest,grpcnotrace"];
const NICENESS = "15";
/** What client-go says of a watch that cannot go on from where it ended. */
const EXPIRED = /"Watch closed".*(too old resource version|[Ee]xpired)/g;

/** Path of the program. */
export function ensureInformer(cacheDirectory: string, note: (text: string) => void): string {
  const { go, environment } = goEnvironment(cacheDirectory, note);
  const hash = createHash("sha256").update(go.version).update(FLAGS.join(" "));
  for (const name of ["go.mod", "go.sum", "main.go"]) hash.update(readFileSync(join(source, name)));
  const directory = join(cacheDirectory, "clients");
  const program = join(directory, `informer-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  note("informer: building");
  const unfinished = `${program}.${process.pid}`;
  const command = ["-n", NICENESS, go.program, "build", ...FLAGS, "-o", unfinished, "."];
  const done = spawnSync("nice", command, { cwd: source, env: environment, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`Build of the informers failed:\n${done.stderr}`);
  renameSync(unfinished, program);
  return program;
}

export interface GoInformersOptions {
  readonly name: string;
  readonly program: string;
  readonly kubeconfig: string;
  readonly logFile: string;
  readonly environment: NodeJS.ProcessEnv;
}

export class GoInformers implements Informed {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Interface;
  /** Rejects when the program ends. */
  readonly #ended: Promise<never>;
  #expired = 0;

  constructor({ name, program, kubeconfig, logFile, environment }: GoInformersOptions) {
    this.name = name;
    this.#child = spawn(program, ["--kubeconfig", kubeconfig, "--namespace", NAMESPACE, "-v=4"], {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const log = createWriteStream(logFile);
    createInterface({ input: this.#child.stderr }).on("line", (line) => {
      log.write(`${line}\n`);
      this.#expired += line.match(EXPIRED)?.length ?? 0;
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#ended = once(this.#child, "exit").then(([code]) => {
      throw new Error(`${name} ended with ${code}`);
    });
    // Whoever asks it something hears of it.
    this.#ended.catch(() => {});
  }

  async describe(): Promise<InformedReport> {
    const answered = once(this.#lines, "line");
    this.#child.stdin.write("\n");
    const [line] = await Promise.race([answered, this.#ended]);
    const { objects, lists, streamedLists, watches, protocol } = JSON.parse(line);
    const notes = `${streamedLists} lists in watches, ${watches} watches, ${protocol}`;
    return { objects, expired: this.#expired, lists, notes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await this.#ended.catch(() => {});
  }
}
