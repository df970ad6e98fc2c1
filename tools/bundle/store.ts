// The finished bundles of a cache directory: found by their inputs, checked against their manifests, moved in whole.

import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BundleManifest, bundleManifest } from "@atoll/api/config/bundle";
import { run } from "./run.ts";

const MANIFEST = "manifest.json";
/** Beside the manifest of a bundle that was built elsewhere, by compilers that this machine need not have. */
const IMPORTED_MARK = "imported";

export interface StoredBundle {
  readonly directory: string;
  readonly manifest: BundleManifest;
}

/** The bundle of these inputs. Inputs in `tools` that are undefined match any, and for imported bundles none of them counts. */
export async function findBundle(
  cacheDirectory: string,
  sources: Readonly<Record<string, string>>,
  tools: Readonly<Record<string, string | undefined>>,
): Promise<StoredBundle | undefined> {
  const parent = join(cacheDirectory, "bundles");
  if (!existsSync(parent)) return undefined;
  for (const name of (await readdir(parent)).sort()) {
    const directory = join(parent, name);
    const manifest = await readManifest(directory);
    if (manifest === undefined || manifest.version !== name) continue;
    const isImported = existsSync(join(directory, IMPORTED_MARK));
    const fits = (wanted: Readonly<Record<string, string | undefined>>) =>
      Object.entries(wanted).every(([key, value]) => value === undefined || manifest.inputs[key] === value);
    if (fits(sources) && (isImported || fits(tools))) return { directory, manifest };
  }
  return undefined;
}

/** Puts files together under a version. Nobody sees the directory before it is whole. */
export async function storeBundle(
  cacheDirectory: string,
  bundle: Omit<BundleManifest, "files"> & { readonly files: Readonly<Record<keyof BundleManifest["files"], string>> },
): Promise<StoredBundle> {
  const parent = join(cacheDirectory, "bundles");
  await mkdir(parent, { recursive: true });
  const partial = await mkdtemp(join(parent, ".partial-"));
  const add = async (source: string, name: string) => {
    const path = join(partial, name);
    await copyFile(source, path);
    return { name, ...(await hashFile(path)) };
  };
  const files = {
    kernel: await add(bundle.files.kernel, "vmlinux"),
    podSystemDisk: await add(bundle.files.podSystemDisk, "pod.erofs"),
    imageSystemDisk: await add(bundle.files.imageSystemDisk, "image.erofs"),
  };
  const manifest = bundleManifest.parse({ ...bundle, files });
  await writeFile(join(partial, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return moveInto(parent, partial, manifest);
}

/** One file with a whole bundle, for machines that cannot build. */
export async function exportBundle(bundle: StoredBundle, file: string, signal: AbortSignal): Promise<void> {
  await checkFiles(bundle.directory, bundle.manifest);
  const names = [MANIFEST, ...Object.values(bundle.manifest.files).map(({ name }) => name)];
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  const partial = `${resolve(file)}.partial`;
  await run("tar", ["--create", ...fixed, "--file", partial, "--directory", bundle.directory, ...names], { signal });
  await rename(partial, file);
}

/** Takes nothing in whose bytes are not the manifest's. */
export async function importBundle(cacheDirectory: string, file: string, signal: AbortSignal): Promise<StoredBundle> {
  const parent = join(cacheDirectory, "bundles");
  await mkdir(parent, { recursive: true });
  const partial = await mkdtemp(join(parent, ".partial-"));
  try {
    await run("tar", ["--extract", "--no-same-owner", "--file", resolve(file), "--directory", partial], { signal });
    const manifest = bundleManifest.parse(JSON.parse(await readFile(join(partial, MANIFEST), "utf8")));
    if (!/^[\w.-]+$/.test(manifest.version)) throw new Error(`The version "${manifest.version}" is not a name`);
    const names = [MANIFEST, ...Object.values(manifest.files).map(({ name }) => name)];
    const unexpected = (await readdir(partial)).filter((name) => !names.includes(name));
    if (unexpected.length > 0)
      throw new Error(`"${file}" has files that its manifest does not name: ${unexpected.join(", ")}`);
    await checkFiles(partial, manifest);
    await writeFile(join(partial, IMPORTED_MARK), "");
    return await moveInto(parent, partial, manifest);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw new Error(`Import bundle "${file}"`, { cause: error });
  }
}

async function moveInto(parent: string, partial: string, manifest: BundleManifest): Promise<StoredBundle> {
  const directory = join(parent, manifest.version);
  await run("chmod", ["-R", "u=rwX,go=rX", partial], { signal: AbortSignal.timeout(60_000) });
  if (existsSync(directory)) {
    // Renaming a directory onto another needs it empty; readers of the old one keep their open files.
    const old = await mkdtemp(join(parent, ".old-"));
    await rename(directory, join(old, "bundle"));
    await rename(partial, directory);
    await rm(old, { recursive: true, force: true });
  } else {
    await rename(partial, directory);
  }
  return { directory, manifest };
}

async function readManifest(directory: string): Promise<BundleManifest | undefined> {
  const text = await readFile(join(directory, MANIFEST), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = bundleManifest.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

async function checkFiles(directory: string, manifest: BundleManifest): Promise<void> {
  for (const file of Object.values(manifest.files)) {
    const found = await hashFile(join(directory, file.name));
    if (found.sha256 !== file.sha256 || found.sizeBytes !== file.sizeBytes) {
      throw new Error(`"${file.name}" is not the file of the bundle's manifest`);
    }
  }
}

async function hashFile(path: string): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { sha256: hash.digest("hex"), sizeBytes: (await stat(path)).size };
}
