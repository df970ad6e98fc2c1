import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encodeFrame, encodeReset, type Frame, FrameReader } from "./frame.ts";

interface GoldenFrames {
  readonly name: string;
  readonly resetEpoch?: string;
  readonly frames?: readonly { type: number; flags: number; stream: number; payload: string }[];
  readonly hex: string;
}

// Read by path, not imported: the ground floor knows nothing of what its bytes are for.
const golden: readonly GoldenFrames[] = JSON.parse(
  readFileSync(new URL("../../api/guest-agent/golden/frames.json", import.meta.url), "utf8"),
);

for (const { name, resetEpoch, frames = [], hex } of golden) {
  const expected = frames.map((frame) => ({ ...frame, payload: new Uint8Array(Buffer.from(frame.payload, "hex")) }));

  test(`writes golden bytes: ${name}`, () => {
    const written = resetEpoch === undefined ? expected.map(encodeFrame) : [encodeReset(BigInt(resetEpoch))];
    assert.equal(Buffer.concat(written).toString("hex"), hex);
  });

  test(`reads golden bytes: ${name}`, () => {
    const seen: Frame[] = [];
    const epochs: string[] = [];
    const reader = new FrameReader({
      onFrame: (frame) => seen.push(frame),
      onReset: (epoch) => epochs.push(String(epoch)),
      // A reset that comes byte by byte looks like a broken frame until it is whole.
      onBroken: () => assert.notEqual(resetEpoch, undefined, "The bytes are whole frames"),
    });
    for (const byte of Buffer.from(hex, "hex")) reader.push(Uint8Array.of(byte));
    assert.deepEqual(seen, expected);
    assert.deepEqual(epochs, resetEpoch === undefined ? [] : [resetEpoch]);
  });
}
