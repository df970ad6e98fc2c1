// Key material on disk: who may read it, and how it is read back.

import { mkdir, readFile } from "node:fs/promises";

export const PRIVATE_FILE_MODE = 0o600;
export const PUBLIC_FILE_MODE = 0o644;
const PRIVATE_DIRECTORY_MODE = 0o700;

/** Undefined when there is no such file; any other failure throws. */
export async function readFileIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A directory only the owner may look into. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY_MODE });
}
