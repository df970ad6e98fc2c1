import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempDisposable, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Bundle } from "./bundle.ts";

async function writeBundle(directory: string): Promise<void> {
  const file = (name: string) => ({
    name,
    sha256: createHash("sha256").update(`content of ${name}`).digest("hex"),
    sizeBytes: `content of ${name}`.length,
  });
  const files = { kernel: file("vmlinux"), podSystemDisk: file("pod.erofs"), imageSystemDisk: file("image.erofs") };
  for (const { name } of Object.values(files)) await writeFile(join(directory, name), `content of ${name}`);
  const manifest = { formatVersion: 1, version: "6.12-abc", kernelRelease: "6.12", files, inputs: {} };
  await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest));
}

test("gives the path of a file that is the manifest's", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "bundle-"));
  await writeBundle(directory.path);
  const bundle = await Bundle.open(directory.path);
  assert.equal(await bundle.verifiedPath("kernel"), join(directory.path, "vmlinux"));
});

test("refuses a changed byte by the file's name, also when the file was right before and its time is set back", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "bundle-"));
  await writeBundle(directory.path);
  const bundle = await Bundle.open(directory.path);
  const path = await bundle.verifiedPath("podSystemDisk");
  await utimes(path, 1, 1);
  await bundle.verifiedPath("podSystemDisk");
  await writeFile(path, "content of pod.erofx");
  await utimes(path, 1, 1);
  await assert.rejects(bundle.verifiedPath("podSystemDisk"), { code: "BundleRefused", message: /"pod.erofs" is not/ });
});

test("refuses a bundle without a manifest", async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), "bundle-"));
  await assert.rejects(Bundle.open(directory.path), { code: "BundleRefused" });
});
