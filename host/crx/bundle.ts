// The guest bundle: kernel and system disks as one versioned thing, checked byte for byte against its manifest before a
// microVM starts from it. Hashing 30 MB for every pod would cost more than its boot, so a file that was found right is known
// by inode, time of change and size: the kernel sets the time of change, and nobody can set it back.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BundleManifest, bundleManifest } from "@atoll/api/config/bundle";
import { VmmError } from "../vmm/vmm.ts";

export type BundleFile = keyof BundleManifest["files"];

export class Bundle {
  readonly manifest: BundleManifest;
  readonly #directory: string;
  /** Marks of files that had the right content, by name. */
  readonly #verified = new Map<BundleFile, string>();

  private constructor(directory: string, manifest: BundleManifest) {
    this.#directory = directory;
    this.manifest = manifest;
  }

  static async open(directory: string): Promise<Bundle> {
    const path = join(directory, "manifest.json");
    try {
      return new Bundle(directory, bundleManifest.parse(JSON.parse(await readFile(path, "utf8"))));
    } catch (error) {
      throw new VmmError("BundleRefused", `Read bundle manifest "${path}"`, { cause: error });
    }
  }

  /** The file's path; a VmmError BundleRefused that names the file when it is not the manifest's. */
  async verifiedPath(file: BundleFile): Promise<string> {
    const { name, sha256, sizeBytes } = this.manifest.files[file];
    const path = join(this.#directory, name);
    const refuse = (why: string, cause?: unknown) =>
      new VmmError("BundleRefused", `Bundle "${this.manifest.version}": file "${name}" ${why}`, { cause });
    let mark: string;
    try {
      mark = await markOf(path);
      if (this.#verified.get(file) === mark) return path;
    } catch (error) {
      throw refuse("cannot be read", error);
    }
    const { size, hash } = await hashFile(path);
    if (size !== sizeBytes || hash !== sha256) throw refuse("is not the one of its manifest");
    // Changed while it was read: what was hashed may not be what the file is now.
    if ((await markOf(path)) !== mark) throw refuse("changes");
    this.#verified.set(file, mark);
    return path;
  }
}

async function markOf(path: string): Promise<string> {
  const { dev, ino, ctimeNs, mtimeNs, size } = await stat(path, { bigint: true });
  return [dev, ino, ctimeNs, mtimeNs, size].join(":");
}

async function hashFile(path: string): Promise<{ readonly size: number; readonly hash: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    size += chunk.length;
    hash.update(chunk);
  }
  return { size, hash: hash.digest("hex") };
}
