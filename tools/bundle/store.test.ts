import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { keyOf, kernelRelease } from "./inputs.ts";
import { lockFile } from "./lock.ts";
import { exportBundle, findBundle, importBundle, storeBundle } from "./store.ts";

const signal = new AbortController().signal;
const sources = { kernelConfig: "k", guestSources: "g" };
const tools = { gcc: "12", rustc: "1.95" };

describe("bundle store", () => {
  let scratch: string;
  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), "bundle-store-"));
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  async function storeIn(cache: string) {
    const file = async (name: string) => {
      await writeFile(join(scratch, name), `content of ${name}`);
      return join(scratch, name);
    };
    return storeBundle(cache, {
      formatVersion: 1,
      version: "6.12.0-crx-abc",
      kernelRelease: "6.12.0-crx",
      files: { kernel: await file("k"), podSystemDisk: await file("p"), imageSystemDisk: await file("i") },
      inputs: { ...sources, ...tools },
    });
  }

  test("finds a bundle by its inputs and no other", async () => {
    const cache = join(scratch, "find");
    assert.equal(await findBundle(cache, sources, tools), undefined);
    const stored = await storeIn(cache);
    assert.deepEqual(await findBundle(cache, sources, tools), stored);
    assert.equal(await findBundle(cache, { ...sources, guestSources: "changed" }, tools), undefined);
    assert.equal(await findBundle(cache, sources, { ...tools, gcc: "13" }), undefined);
  });

  test("takes a bundle of unknown compilers where there are none", async () => {
    const cache = join(scratch, "unknown");
    const stored = await storeIn(cache);
    assert.deepEqual(await findBundle(cache, sources, { gcc: undefined, rustc: undefined }), stored);
  });

  test("replaces a bundle of the same version in one step", async () => {
    const cache = join(scratch, "replace");
    await storeIn(cache);
    await storeIn(cache);
    assert.deepEqual(await readdir(join(cache, "bundles")), ["6.12.0-crx-abc"]);
  });

  test("carries a bundle to another cache, whatever compilers are there", async () => {
    const stored = await storeIn(join(scratch, "from"));
    const file = join(scratch, "bundle.tar");
    await exportBundle(stored, file, signal);
    const target = join(scratch, "to");
    await importBundle(target, file, signal);
    const found = await findBundle(target, sources, { gcc: "99", rustc: "99" });
    assert.deepEqual(found?.manifest, stored.manifest);
    assert.equal(await findBundle(target, { ...sources, kernelConfig: "other" }, tools), undefined);
  });

  test("refuses to export or import a changed byte", async () => {
    const stored = await storeIn(join(scratch, "changed"));
    const file = join(scratch, "changed.tar");
    await exportBundle(stored, file, signal);
    await appendFile(join(stored.directory, "pod.erofs"), "x");
    await assert.rejects(exportBundle(stored, join(scratch, "never.tar"), signal), /"pod.erofs" is not the file/);
    await writeFile(join(scratch, "broken.tar"), "not an archive");
    const target = join(scratch, "refused");
    await assert.rejects(importBundle(target, join(scratch, "broken.tar"), signal), /Import bundle/);
    assert.deepEqual(await readdir(join(target, "bundles")), []);
  });
});

test("names inputs whatever their order", () => {
  assert.equal(keyOf({ a: "1", b: "2" }), keyOf({ b: "2", a: "1" }));
  assert.notEqual(keyOf({ a: "1", b: "2" }), keyOf({ a: "1", b: "3" }));
  assert.equal(kernelRelease("6.12.117-1~deb12u1"), "6.12.117-crx");
});

test("lets a second build wait until the first is done", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bundle-lock-"));
  const path = join(directory, "lock");
  const order: string[] = [];
  const first = await lockFile(path, { signal, onWait: () => {} });
  const waited = Promise.withResolvers<void>();
  const second = lockFile(path, { signal, onWait: waited.resolve }).then(async (lock) => {
    order.push("second");
    await lock[Symbol.asyncDispose]();
  });
  await waited.promise;
  order.push("first");
  await first[Symbol.asyncDispose]();
  await second;
  assert.deepEqual(order, ["first", "second"]);
  await rm(directory, { recursive: true });
});

test("gives up waiting when it is told to", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bundle-lock-"));
  await using _held = await lockFile(join(directory, "lock"), { signal, onWait: () => {} });
  const abort = new AbortController();
  const waiting = lockFile(join(directory, "lock"), { signal: abort.signal, onWait: () => abort.abort() });
  await assert.rejects(waiting, { name: "AbortError" });
  await rm(directory, { recursive: true });
});
