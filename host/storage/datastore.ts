// A directory of disks: one read-only disk per image digest, shared by all hosts that mount the same directory, and each
// host's private ephemeral disks. A disk appears under its final name only when it is whole. What a microVM may open is shown
// to its jail file by file; the directories are closed to everybody but root.

import { chown, lstat, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@atoll/base/errors";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";

export class StorageError extends CodedError<"NotFound" | "NoSpace" | "AlreadyExists"> {}

export interface DatastoreOptions {
  readonly directory: string;
  /** Tells this host's ephemeral disks from those of others on a shared datastore. */
  readonly hostName: string;
}

export interface StoredImage {
  readonly digest: string;
  readonly path: string;
  readonly diskBytes: number;
  readonly configJson: string;
}

export interface DatastoreSpace {
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

/** Kept free for what is being written already: a new disk is refused when less is left. */
const RESERVED_BYTES = 268_435_456;
const IMAGE_NAME = /^sha256-[0-9a-f]{64}$/;

export class Datastore {
  readonly #images: string;
  readonly #ephemeral: string;
  readonly #incoming: string;
  readonly #directory: string;

  private constructor(options: DatastoreOptions) {
    this.#directory = options.directory;
    this.#images = join(options.directory, "images");
    this.#ephemeral = join(options.directory, "ephemeral", options.hostName);
    this.#incoming = join(options.directory, "incoming", options.hostName);
  }

  static async open(options: DatastoreOptions): Promise<Datastore> {
    const datastore = new Datastore(options);
    for (const path of [datastore.#images, datastore.#ephemeral, datastore.#incoming]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    }
    return datastore;
  }

  /** Removes what a crash left: disks of this host that nobody knows any more, and everything half made. */
  async removeOrphans(options: { readonly knownDisks: ReadonlySet<string> }): Promise<void> {
    for (const name of await readdir(this.#incoming)) await rm(join(this.#incoming, name), { force: true });
    for (const name of await readdir(this.#ephemeral)) {
      if (!options.knownDisks.has(name.replace(/\.raw$/, ""))) await rm(join(this.#ephemeral, name), { force: true });
    }
    for (const name of await readdir(this.#images)) {
      if (name.endsWith(".new")) await rm(join(this.#images, name), { force: true });
    }
  }

  /** Every disk of this host, whoever still wants it. The images stay: they belong to all hosts. */
  async removeHostDisks(): Promise<void> {
    await rm(this.#ephemeral, { recursive: true, force: true });
    await rm(this.#incoming, { recursive: true, force: true });
  }

  async space(): Promise<DatastoreSpace> {
    const { blocks, bavail, bsize } = await statfs(this.#directory);
    return { capacityBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  // ---- ephemeral disks ---------------------------------------------------------------------------------------------

  ephemeralPath(id: string): string {
    return join(this.#ephemeral, `${id}.raw`);
  }

  /** A sparse, blank disk that only `userId` may open. Its size is a promise of the guest's view, not of space here. */
  async createEphemeral(id: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string> {
    return await this.#createSparse(this.ephemeralPath(id), options);
  }

  async removeEphemeral(id: string): Promise<void> {
    await rm(this.ephemeralPath(id), { force: true });
  }

  // ---- image disks -------------------------------------------------------------------------------------------------

  async findImage(digest: string): Promise<StoredImage | undefined> {
    const path = this.#imagePath(digest);
    try {
      const { blocks } = await stat(path);
      // The configuration is written before the disk gets its name.
      const configJson = await readFile(`${path}.json`, "utf8");
      return { digest, path, diskBytes: blocks * 512, configJson };
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  async listImages(): Promise<readonly StoredImage[]> {
    const names = (await readdir(this.#images))
      .filter((name) => name.endsWith(".raw"))
      .map((name) => name.slice(0, -4));
    const images = names
      .filter((name) => IMAGE_NAME.test(name))
      .map((name) => this.findImage(name.replace("sha256-", "sha256:")));
    return (await Promise.all(images)).filter((image) => image !== undefined);
  }

  /** A blank disk for the image service to fill. */
  async createIncoming(id: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string> {
    return await this.#createSparse(join(this.#incoming, `${id}.raw`), options);
  }

  async removeIncoming(id: string): Promise<void> {
    await rm(join(this.#incoming, `${id}.raw`), { force: true });
  }

  /** Makes a filled disk the image's disk: read-only, whole and on the disk before it has its name. Another host may win. */
  async adoptIncoming(
    id: string,
    image: { readonly digest: string; readonly configJson: string },
  ): Promise<StoredImage> {
    const incoming = join(this.#incoming, `${id}.raw`);
    const path = this.#imagePath(image.digest);
    {
      await using file = await open(incoming, "r+");
      await file.chown(0, 0);
      await file.chmod(0o444);
      await file.sync();
    }
    await writeFileAtomic(`${path}.json`, image.configJson);
    await rename(incoming, path);
    await using directory = await open(this.#images, "r");
    await directory.sync();
    const stored = await this.findImage(image.digest);
    if (!stored) throw new StorageError("NotFound", `Image disk "${image.digest}" vanished`);
    return stored;
  }

  #imagePath(digest: string): string {
    return join(this.#images, `${digest.replace(":", "-")}.raw`);
  }

  async #createSparse(path: string, options: { readonly sizeBytes: number; readonly userId: number }): Promise<string> {
    const { freeBytes } = await this.space();
    if (freeBytes < RESERVED_BYTES) {
      throw new StorageError("NoSpace", `Create disk: ${freeBytes} bytes are free on the datastore`);
    }
    if (await lstat(path).catch(() => undefined)) throw new StorageError("AlreadyExists", `Disk "${path}" exists`);
    await using file = await open(path, "wx", 0o600);
    await file.truncate(options.sizeBytes);
    await chown(path, options.userId, options.userId);
    return path;
  }
}
