import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CrxRecords } from "./crx-record.ts";

test("reading leaves a write under way alone; what a crash has cut off goes when the records are opened", async () => {
  const directory = await mkdtemp(join(tmpdir(), "crx-record-"));
  try {
    const records = await CrxRecords.open(directory);
    await writeFile(join(directory, "pod.json.unfinished"), "{");
    assert.deepEqual(await records.readAll(), []);
    assert.deepEqual(await readdir(directory), ["pod.json.unfinished"]);
    await CrxRecords.open(directory);
    assert.deepEqual(await readdir(directory), []);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
