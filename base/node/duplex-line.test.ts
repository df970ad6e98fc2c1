import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { duplexLine } from "./duplex-line.ts";

/** More than the default number of listeners that an emitter warns of. */
const WRITERS = 100;
const PIECE_BYTES = 65_536;

test("any number of writers wait for the other side and go on together", async () => {
  const [near, far] = duplexPair();
  const line = duplexLine(near);
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  const writing = Array.from({ length: WRITERS }, () => line.write(new Uint8Array(PIECE_BYTES)));
  assert.equal(near.listenerCount("drain"), 1);
  let received = 0;
  far.on("data", (chunk: Buffer) => {
    received += chunk.length;
  });
  await Promise.all(writing);
  line.close();
  process.off("warning", onWarning);
  assert.deepEqual(warnings, []);
  assert.equal(received, WRITERS * PIECE_BYTES);
});

test("writers that wait hear of the end", async () => {
  const [near] = duplexPair();
  const line = duplexLine(near);
  const writing = [line.write(new Uint8Array(PIECE_BYTES)), line.write(new Uint8Array(PIECE_BYTES))];
  line.close();
  for (const written of writing) await assert.rejects(written, /closed/);
  await assert.rejects(line.write(new Uint8Array(1)), /closed/);
});
