import assert from "node:assert/strict";
import { mkdtempDisposable, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { test } from "node:test";
import { Datastore } from "./datastore.ts";

const digest = `sha256:${"c".repeat(64)}`;
const disk = { sizeBytes: 67_108_864, userId: userInfo().uid };

test("an ephemeral disk is blank, sparse and its owner's alone", async () => {
  await using directory = await mkdtempDisposable(`${tmpdir()}/datastore-`);
  const datastore = await Datastore.open({ directory: directory.path, hostName: "a" });
  const path = await datastore.createEphemeral("pod", disk);
  const { size, blocks, mode } = await stat(path);
  assert.deepEqual([size, blocks, mode & 0o777], [disk.sizeBytes, 0, 0o600]);
  await assert.rejects(datastore.createEphemeral("pod", disk), { code: "AlreadyExists" });
  await datastore.removeEphemeral("pod");
  await datastore.removeEphemeral("pod");
  await assert.rejects(stat(path), { code: "ENOENT" });
});

test("orphans of this host go, those of another host and the images stay", async (context) => {
  // Only root may give files away; CI runs as root, so the test is never left out there.
  if (userInfo().uid !== 0) return context.skip("Giving a disk to root needs root");
  await using directory = await mkdtempDisposable(`${tmpdir()}/datastore-`);
  const [a, b] = await Promise.all(
    ["a", "b"].map((hostName) => Datastore.open({ directory: directory.path, hostName })),
  );
  assert(a && b);
  const [known, orphan, other] = [
    await a.createEphemeral("known", disk),
    await a.createEphemeral("orphan", disk),
    await b.createEphemeral("other", disk),
  ];
  await writeFile(await a.createIncoming("pull", disk), "content");
  await a.adoptIncoming("pull", { digest, configJson: '{"os":"linux"}' });
  await a.createIncoming("cut-off", disk);
  await a.removeOrphans({ knownDisks: new Set(["known"]) });
  await stat(known);
  await stat(other);
  await assert.rejects(stat(orphan), { code: "ENOENT" });
  const [image] = await b.listImages();
  assert.deepEqual([image?.digest, image?.configJson], [digest, '{"os":"linux"}']);
  assert.equal((await stat(image?.path ?? "")).mode & 0o777, 0o444);
});
