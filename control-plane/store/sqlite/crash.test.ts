// What an acknowledged write is worth: a program that writes is killed at random moments, a few times on the same store, and
// nothing it was promised may be missing. `npm run durability` kills whole Supervisors, as often as one likes.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, copyFile, mkdir, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { seededRandom, systemRandom } from "@atoll/base/random";
import { testSeeds } from "../suite/model-suite.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const KILLS = 4;

/** From the moment the store is open; long enough for dozens of groups and a checkpoint now and then. */
const LIFE_MS_MAX = 80;

/** Programs started ahead of their turn, because starting takes longer than their life. */
const AHEAD = 3;

/** More than any writer writes in one life. */
const NUMBERS_PER_LIFE = 1_000_000;

interface Acknowledged {
  readonly writer: string;
  readonly number: number;
  readonly revision: number;
}

test("no acknowledged write is lost, and none is half there, after kill -9", { timeout: 60_000 }, async () => {
  const [seed = 0] = testSeeds(1);
  const random = seededRandom(seed);
  await using directory = await makeDirectory();
  await using lives = new AsyncDisposableStack();
  const waiting: Life[] = [];
  let written = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    while (waiting.length < AHEAD) {
      const life = new Life(directory.path, (kill + waiting.length) * NUMBERS_PER_LIFE);
      lives.defer(() => life.kill());
      waiting.push(life);
    }
    const life = waiting.shift();
    assert(life);
    await life.begin();
    if (kill === 0) {
      await assert.rejects(open(directory.path), { code: "Locked" }, "a second process must not open the store");
    }
    // Every other life is killed at any moment, on a busy machine also before its first write.
    if (kill % 2 === 0) await life.untilAcknowledged();
    await wait(random.float() * LIFE_MS_MAX);
    await life.kill();
    await checkSurvival(directory.path, life.acknowledged(), `kill ${kill}, seed ${seed}`);
    written += life.acknowledged().length;
  }
  assert(written >= KILLS / 2, `only ${written} writes were acknowledged in all lives`);
});

test("a write-ahead log that ends in the middle of a write is read up to the last whole one", async () => {
  await using directory = await makeDirectory();
  const { path } = directory;
  const life = new Life(path, 0);
  await life.begin();
  while (life.acknowledged().length < 50) await wait(5);
  await life.kill();
  for (const damage of ["cut", "garbage"] as const) {
    const copy = join(path, damage);
    await mkdir(copy);
    for (const name of ["store.db", "store.db-wal"]) await copyFile(join(path, name), join(copy, name));
    const log = join(copy, "store.db-wal");
    if (damage === "garbage") await appendFile(log, systemRandom.bytes(10_000));
    else await appendFile(log, new Uint8Array(24)).then(() => truncate(log, 32 + 3 * (24 + 4096) + 1000));
    await using store = await open(copy);
    const revision = await store.currentRevision();
    const newest = Math.max(...life.acknowledged().map((write) => write.revision));
    if (damage === "garbage") assert(revision >= newest);
    const { items } = await store.range({ start: "0", end: "9" });
    assert.equal(items.length % 2, 0);
    await store.transact({ compares: [], writes: [{ type: "put", key: "after", value: new Uint8Array(1) }] });
  }
});

/** One run of the program that is killed. */
class Life {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = "";

  constructor(directory: string, firstNumber: number) {
    const program = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));
    this.#child = spawn(process.execPath, [program, directory, `${firstNumber}`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#exited = once(this.#child, "close");
    this.#child.stdout?.on("data", (chunk) => {
      this.#output += chunk;
    });
  }

  /** Resolves when the program has the store open. */
  async begin(): Promise<void> {
    this.#child.stdin?.write("\n");
    while (!this.#output.startsWith("open\n")) {
      assert.equal(this.#child.exitCode, null, "the program ended by itself");
      await wait(2);
    }
  }

  async untilAcknowledged(): Promise<void> {
    while (this.acknowledged().length === 0) {
      assert.equal(this.#child.exitCode, null, "the program ended by itself");
      await wait(2);
    }
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  acknowledged(): Acknowledged[] {
    const wholeLines = this.#output.slice(0, this.#output.lastIndexOf("\n")).split("\n").slice(1);
    return wholeLines.map((line) => {
      const [writer = "", number, revision] = line.split(" ");
      return { writer, number: Number(number), revision: Number(revision) };
    });
  }
}

async function checkSurvival(directory: string, acknowledged: Acknowledged[], when: string): Promise<void> {
  await using store = await open(directory);
  const newest = new Map(acknowledged.map((write) => [write.writer, write]));
  const { items } = await store.range({ start: "0", end: "9" });
  const numbers = new Map(items.map(({ key, value }) => [key, Number(new TextDecoder().decode(value))]));
  for (const [key, number] of numbers) {
    const other = key.replace(/left|right/, (side) => (side === "left" ? "right" : "left"));
    assert.equal(numbers.get(other), number, `${key} and ${other} differ after ${when}`);
  }
  for (const { writer, number, revision } of newest.values()) {
    const found = numbers.get(`${writer}/left`) ?? -1;
    assert(found >= number, `writer ${writer} was promised ${number} but the store has ${found} after ${when}`);
    assert((await store.currentRevision()) >= revision, `revision ${revision} is lost after ${when}`);
    const { items: then } = await store.range({ start: `${writer}/left` }, { revision });
    assert.equal(Number(new TextDecoder().decode(then[0]?.value)), number, `history differs after ${when}`);
  }
}

function open(directory: string) {
  return openSqliteStore({ directory, clock: systemClock, log: silentLogger });
}

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "store-crash-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
