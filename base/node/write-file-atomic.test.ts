import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeFileAtomic } from "./write-file-atomic.ts";

function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "atoll-write-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test("replaces the content in one step and leaves nothing beside it", async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, "file");
  await writeFileAtomic(path, "old");
  await writeFileAtomic(path, new TextEncoder().encode("new"));
  assert.equal(readFileSync(path, "utf8"), "new");
  assert.deepEqual(readdirSync(directory), ["file"]);
});

test("keeps a file to its owner unless told otherwise, whatever a crash left behind", async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, "file");
  writeFileSync(`${path}.new`, "left over", { mode: 0o666 });
  await writeFileAtomic(path, "secret");
  assert.equal(modeOf(path), 0o600);
  await writeFileAtomic(path, "public", { mode: 0o644 });
  assert.equal(modeOf(path), 0o644);
});

test("lets several who write one file take turns, the last one having its way", async (t) => {
  const directory = makeDirectory(t);
  const path = join(directory, "file");
  await Promise.all(["one", "two", "three"].map((content) => writeFileAtomic(path, content)));
  assert.equal(readFileSync(path, "utf8"), "three");
});
