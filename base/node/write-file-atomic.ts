import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** The file has its old content or all of the new, also after a crash at any point; it is on the disk when this resolves. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, "w", options.mode ?? 0o600);
    await file.writeFile(content);
    await file.sync();
  }
  await rename(temporary, path);
  await using directory = await open(dirname(path), "r");
  await directory.sync();
}
