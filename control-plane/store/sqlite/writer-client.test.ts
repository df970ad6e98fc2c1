import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Command } from "./messages.ts";
import { WriterClient } from "./writer-client.ts";

const noListener = { onWritten: () => {}, onFailed: () => assert.fail("the thread has ended") };

const putCommand = (key: string, bytes = 1): Command => ({
  type: "transact",
  transaction: { compares: [], writes: [{ type: "put", key, value: new Uint8Array(bytes) }] },
});

test("the commands of one turn are one group, those that come while it is written the next, in order", async () => {
  await using directory = await makeDirectory();
  const groups: number[] = [];
  await using writer = await WriterClient.start(directory.options, {
    ...noListener,
    onWritten: (revision) => groups.push(revision),
  });
  const submit = (_: unknown, index: number) => writer.submit(putCommand(`${index}`));
  const early = Array.from({ length: 3 }, submit);
  await nextTurn();
  const late = Array.from({ length: 197 }, submit);
  const results = await Promise.all([...early, ...late]);
  assert.deepEqual(
    results.map((result) => result.type === "transacted" && result.result.revision),
    Array.from({ length: 200 }, (_, index) => index + 2),
  );
  assert.deepEqual(groups, [4, 201]);
});

test("a refused command does not touch the others of its group", async () => {
  await using directory = await makeDirectory();
  await using writer = await WriterClient.start(directory.options, noListener);
  const results = await Promise.all([
    writer.submit(putCommand("a")),
    writer.submit({ type: "revokeLease", id: 7 }),
    writer.submit({ type: "compact", revision: 100 }),
    writer.submit(putCommand("b")),
  ]);
  assert.deepEqual(
    results.map((result) => (result.type === "refused" ? result.code : result.type)),
    ["transacted", "LeaseNotFound", "FutureRevision", "transacted"],
  );
});

test("more waiting commands or bytes than allowed are refused, those before are written", async () => {
  await using directory = await makeDirectory();
  await using writer = await WriterClient.start(directory.options, noListener);
  const first = writer.submit(putCommand("a"));
  // It is under way and waits no more.
  await nextTurn();
  const compactions = Array.from({ length: 10_000 }, () => writer.submit({ type: "compact", revision: 1 }));
  await assert.rejects(writer.submit(putCommand("b")), { code: "Unavailable" });
  assert.equal((await first).type, "transacted");
  await Promise.all(compactions);
  assert.equal((await writer.submit(putCommand("b"))).type, "transacted");
});

test("a thread that ends fails what is under way and all that follows, and can still be disposed", async () => {
  await using directory = await makeDirectory();
  const failures: string[] = [];
  await using writer = await WriterClient.start(directory.options, {
    ...noListener,
    onFailed: ({ code }) => failures.push(code),
  });
  // Nothing well-typed makes the thread fail; this stands for a mistake in it.
  const broken = writer
    .submit({ type: "transact", transaction: { compares: undefined as never, writes: [] } })
    .catch((error) => error);
  const behind = writer.submit(putCommand("a")).catch((error) => error);
  assert.deepEqual([(await broken).code, (await behind).code], ["Unavailable", "Unavailable"]);
  await assert.rejects(writer.submit(putCommand("b")), { code: "Unavailable" });
  assert.deepEqual(failures, ["Unavailable"]);
});

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "store-writer-"));
  return {
    options: { path: join(path, "store.db"), sizeBytesMax: 100_000_000 },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
