// Frames of HTTP/2 (RFC 9113) in an order, with lengths and of streams that no client would send.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below, skewed, spoilBytes } from "../odd-values.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const TYPE = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  window: 8,
  continuation: 9,
} as const;
const FLOOD_MAX = 3000;

/** GET https://x/readyz: indices of HPACK's static table, the path and the authority as literals (RFC 7541). */
const REQUEST_HEADERS = Buffer.concat([
  Buffer.from([0x82, 0x87, 0x44, 0x07]),
  Buffer.from("/readyz"),
  Buffer.from([0x41, 0x01]),
  Buffer.from("x"),
]);

export function spoiltFrames(random: Random): Buffer {
  const frames = pick(random, [
    () => [headers(1), ...Array.from({ length: 1 + below(random, 6) }, () => oddFrame(random))],
    () => Array.from({ length: 1 + below(random, 10) }, () => oddFrame(random)),
    // Streams that are opened and reset at once, again and again (CVE-2023-44487).
    () =>
      Array.from({ length: skewed(random, FLOOD_MAX) }, (_, index) => [
        headers(1 + 2 * index),
        reset(1 + 2 * index),
      ]).flat(),
    () =>
      Array(skewed(random, FLOOD_MAX)).fill(
        pick(random, [frame(TYPE.ping, 0, 0, Buffer.alloc(8)), frame(TYPE.settings, 0, 0)]),
      ),
    () => [
      frame(TYPE.headers, 0, 1, REQUEST_HEADERS),
      ...Array(skewed(random, FLOOD_MAX)).fill(frame(TYPE.continuation, 0, 1, oddBlock(random))),
    ],
    () => Array.from({ length: skewed(random, 400) }, (_, index) => headers(1 + 2 * index)),
    () => Array(skewed(random, FLOOD_MAX)).fill(frame(TYPE.data, 0, 1)),
  ])();
  const preface = chance(random, 0.95) ? PREFACE : spoilBytes(random, PREFACE);
  const settings = chance(random, 0.9) ? frame(TYPE.settings, 0, 0) : oddFrame(random);
  const bytes = Buffer.concat([preface, settings, ...frames]);
  return chance(random, 0.2) ? spoilBytes(random, bytes) : bytes;
}

function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length & 0xff_ffff, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

/** A whole request. */
function headers(stream: number): Buffer {
  const [endStream, endHeaders] = [1, 4];
  return frame(TYPE.headers, endStream | endHeaders, stream, REQUEST_HEADERS);
}

function reset(stream: number): Buffer {
  return frame(TYPE.reset, 0, stream, Buffer.from([0, 0, 0, 8]));
}

function oddFrame(random: Random): Buffer {
  const type = chance(random, 0.95) ? pick(random, Object.values(TYPE)) : below(random, 256);
  const stream = pick(random, [0, 1, 1, 3, 5, 2, 0x7fff_ffff, 0xffff_ffff]);
  const payload = pick(random, [
    () => Buffer.alloc(0),
    () => Buffer.from(random.bytes(below(random, 40))),
    () => oddBlock(random),
    () => Buffer.alloc(skewed(random, 20_000), below(random, 256)),
    () => Buffer.from([0, below(random, 8), 0x7f, 0xff, 0xff, 0xff]),
  ])();
  const length = chance(random, 0.9) ? payload.length : below(random, 0x100_0000);
  return frame(type, below(random, 256), stream, payload, length);
}

/** Headers in HPACK: indices far out, numbers that go on, tables that grow. */
function oddBlock(random: Random): Buffer {
  return pick(random, [
    () => Buffer.concat([REQUEST_HEADERS, Buffer.from([0x40, 0x01, 0x78, 0x01, 0x79])]),
    () => Buffer.from([0xff, ...random.bytes(below(random, 8)), 0x7f]),
    () => Buffer.concat([REQUEST_HEADERS, Buffer.alloc(1 + skewed(random, 8000), 0xbe)]),
    () => Buffer.concat([Buffer.from([0x3f]), Buffer.alloc(6, 0xff)]),
    () => spoilBytes(random, REQUEST_HEADERS),
    () => Buffer.concat([Buffer.from([0x00, 0x04]), Buffer.from("Te:\n"), Buffer.from([0x02, 0x0d, 0x0a])]),
  ])();
}
