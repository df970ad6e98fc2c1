// Finds a Go compiler that is new enough for upstream's modules, or gets one: Go's own toolchains are modules of the module
// proxy, so any Go, such as an old distribution's, can fetch the one we want and check it against the public checksums.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What upstream 1.36 asks for in its go.mod. */
const GO_MINOR_MIN = 26;
/** What is fetched where there is only an older one. */
const GO_VERSION = "1.26.8";

export interface GoCompiler {
  readonly program: string;
  /** As "go version" says it: part of what a build depends on. */
  readonly version: string;
}

/** Where Go stands when it is not in the path: its own archive's place, and Debian's. */
const PLACES = ["go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go"];

function versionOf(program: string): string | undefined {
  const done = spawnSync(program, ["version"], { encoding: "utf8", env: { ...process.env, GOTOOLCHAIN: "local" } });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

export function goMinor(version: string): number {
  return Number(/\bgo1\.(\d+)/.exec(version)?.[1] ?? 0);
}

/** `environment` says where modules are kept. */
export function ensureGo(environment: NodeJS.ProcessEnv, note: (text: string) => void): GoCompiler {
  let older: string | undefined;
  for (const program of PLACES) {
    const version = versionOf(program);
    if (version && goMinor(version) >= GO_MINOR_MIN) return { program, version };
    if (version) older ??= program;
  }
  if (older === undefined)
    throw new Error('There is no Go: install Go 1.26 or newer, or any Go (Debian: "apt-get install golang-go")');
  note(`fetching Go ${GO_VERSION} from the module proxy`);
  return fetchGo(older, environment);
}

function fetchGo(older: string, environment: NodeJS.ProcessEnv): GoCompiler {
  const module = `golang.org/toolchain@v0.0.1-go${GO_VERSION}.linux-amd64`;
  const done = spawnSync(older, ["mod", "download", "-json", module], { encoding: "utf8", env: environment });
  if (done.status !== 0) throw new Error(`Fetch Go ${GO_VERSION} with ${older}: ${done.stdout}${done.stderr}`);
  // The module proxy's files carry no permission to run.
  const directory: string = JSON.parse(done.stdout).Dir;
  for (const folder of ["bin", "pkg/tool/linux_amd64"]) {
    const path = join(directory, folder);
    if (existsSync(path)) for (const name of readdirSync(path)) chmodSync(join(path, name), 0o755);
  }
  const program = join(directory, "bin/go");
  const version = versionOf(program);
  if (!version) throw new Error(`Go ${GO_VERSION} was fetched, but "${program} version" fails`);
  return { program, version };
}
