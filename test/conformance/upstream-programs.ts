// Upstream's programs, built from their sources in the Go module proxy and kept in the cache: what runs the conformance tests, and
// the servers that differential tests compare with. The module in `upstream/` pins everything.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureGo, type GoCompiler } from "./go-compiler.ts";

const KUBERNETES_VERSION = "1.36.4";
/** Of the agnhost in that version's sources. */
const AGNHOST_VERSION = "2.63.0";

const PACKAGES = {
  "e2e.test": "k8s.io/kubernetes/test/e2e",
  ginkgo: "github.com/onsi/ginkgo/v2/ginkgo",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
  agnhost: "k8s.io/kubernetes/test/images/agnhost",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
} as const;
export type UpstreamProgram = keyof typeof PACKAGES;
export const UPSTREAM_PROGRAMS = Object.keys(PACKAGES) as readonly UpstreamProgram[];

/** One set of tags for all: with another one, half of what was compiled is compiled again. They are upstream's for releases. */
const TAGS = "selinux,notest,grpcnotrace";
/** A build takes many minutes of every core; the machine's owner goes first. */
const NICENESS = "15";
const PROGRESS_EVERY_MS = 10_000;

export interface BuildOptions {
  /** Of Atoll; everything here is below "conformance" in it. */
  readonly cacheDirectory: string;
  /** Compilations at once; undefined: one for each core. */
  readonly jobs: number | undefined;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

const moduleDirectory = join(import.meta.dirname, "upstream");

/** What the linker writes into programs so that they know their version; without it they say v0.0.0-master. */
export function linkerFlags(program: UpstreamProgram): string {
  const [major = "", minor = ""] = KUBERNETES_VERSION.split(".");
  const facts = {
    gitVersion: `v${KUBERNETES_VERSION}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
    // Fixed, so that a second build gives the same bytes.
    buildDate: "1970-01-01T00:00:00Z",
  };
  const places = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];
  const flags = places.flatMap((place) => Object.entries(facts).map(([name, value]) => `-X ${place}.${name}=${value}`));
  if (program === "agnhost") flags.push(`-X main.Version=${AGNHOST_VERSION}`);
  return ["-s", "-w", ...flags].join(" ");
}

export function buildCommand(program: UpstreamProgram, output: string, jobs: number | undefined): string[] {
  return [
    // The suite is a package of tests.
    ...(program === "e2e.test" ? ["test", "-c", "-vet=off"] : ["build"]),
    ...(jobs === undefined ? [] : ["-p", String(jobs)]),
    ...["-trimpath", "-buildvcs=false", "-mod=readonly", "-modcacherw", "-tags", TAGS],
    ...["-ldflags", linkerFlags(program), "-o", output, PACKAGES[program]],
  ];
}

/** Everything that the bytes of a program depend on. */
function cacheKey(go: GoCompiler): string {
  const hash = createHash("sha256").update(go.version);
  for (const name of ["go.mod", "go.sum", "deps.go"]) hash.update(readFileSync(join(moduleDirectory, name)));
  const commands = UPSTREAM_PROGRAMS.map((program) => buildCommand(program, "", undefined));
  return hash.update(JSON.stringify(commands)).digest("hex").slice(0, 16);
}

/** Paths of the programs, built where they are not in the cache; `key` names the build. */
export async function ensureUpstream<P extends UpstreamProgram>(
  programs: readonly P[],
  options: BuildOptions,
): Promise<{ readonly key: string; readonly paths: Readonly<Record<P, string>> }> {
  const { root, go, environment } = goEnvironment(options.cacheDirectory, options.note);
  const key = cacheKey(go);
  const directory = join(root, key);
  mkdirSync(directory, { recursive: true });
  const paths: Partial<Record<P, string>> = {};
  for (const program of programs) {
    const path = join(directory, program);
    if (!isWhole(path)) await build(program, path, { ...options, go, environment });
    paths[program] = path;
  }
  // The loop has set every one of them.
  return { key, paths: paths as Record<P, string> };
}

/** The compiler, and how it is called so that what it fetches and compiles stays in the cache. */
export function goEnvironment(cacheDirectory: string, note: (text: string) => void) {
  const root = join(cacheDirectory, "conformance");
  const places = {
    ...process.env,
    CGO_ENABLED: "0",
    GOTOOLCHAIN: "local",
    GOMODCACHE: join(root, "go/modules"),
    GOCACHE: join(root, "go/build"),
  };
  const go = ensureGo(places, note);
  return { root, go, environment: { ...places, GOPROXY: moduleProxy(go) } };
}

/** As Go is set up, but without "direct": a module that the proxy lacks is then a clear refusal, not a try with git. */
function moduleProxy(go: GoCompiler): string {
  const done = spawnSync(go.program, ["env", "GOPROXY"], { encoding: "utf8" });
  return done.stdout.trim().replace(/[,|]direct$/, "");
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function isWhole(path: string): boolean {
  const sum = `${path}.sha256`;
  return existsSync(path) && existsSync(sum) && readFileSync(sum, "utf8").trim() === hashOf(path);
}

interface Build extends BuildOptions {
  readonly go: GoCompiler;
  readonly environment: NodeJS.ProcessEnv;
}

async function build(program: UpstreamProgram, path: string, options: Build): Promise<void> {
  const { note, signal, go, environment } = options;
  signal.throwIfAborted();
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  note(`${program}: fetching sources`);
  const total = countPackages(program, options);
  const unfinished = `${path}.${process.pid}`;
  const [verb = "", ...flags] = buildCommand(program, unfinished, options.jobs);
  let compiled = 0;
  const timer = setInterval(() => {
    note(`${program}: ${compiled} packages compiled, of at most ${total}, ${seconds()} s`);
  }, PROGRESS_EVERY_MS);
  try {
    // "-x" shows every command: the one way to see how far the building of tests is.
    const child = spawn("nice", ["-n", NICENESS, go.program, verb, "-x", ...flags], {
      cwd: moduleDirectory,
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    });
    const exited = once(child, "close");
    for await (const line of createInterface({ input: child.stderr })) if (/\/compile .* -p \S/.test(line)) compiled++;
    const [code] = await exited;
    if (code !== 0) throw new Error(`Build ${program} failed:\n${complaintsOf([verb, ...flags], options)}`);
    writeFileSync(`${path}.sha256`, `${hashOf(unfinished)}\n`);
    renameSync(unfinished, path);
    note(`${program}: built in ${seconds()} s`);
  } finally {
    clearInterval(timer);
    rmSync(unfinished, { force: true });
  }
}

/** What a build that failed has to say, without all that it did: what could be compiled is not compiled again. */
function complaintsOf(command: readonly string[], { go, environment }: Build): string {
  const options = { cwd: moduleDirectory, env: environment, encoding: "utf8" } as const;
  return spawnSync("nice", ["-n", NICENESS, go.program, ...command], options).stderr;
}

/** Fetches the sources on its way. */
function countPackages(program: UpstreamProgram, { go, environment }: Build): number {
  const flags = ["-mod=readonly", "-modcacherw", "-tags", TAGS, ...(program === "e2e.test" ? ["-test"] : [])];
  const done = spawnSync(go.program, ["list", "-deps", ...flags, PACKAGES[program]], {
    cwd: moduleDirectory,
    env: environment,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status !== 0) throw new Error(`Fetch the sources of ${program}: ${done.stderr}`);
  return done.stdout.trim().split("\n").length;
}
