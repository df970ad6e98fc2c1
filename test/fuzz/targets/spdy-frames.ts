// Frames of SPDY/3.1 in an order, with lengths and of streams that no client would send.

import { deflateSync } from "node:zlib";
import type { Random } from "@atoll/base/random";
import { SPDY_DICTIONARY } from "@atoll/base/node/spdy/dictionary";
import { encodeFrame } from "@atoll/base/node/spdy/frame";
import { HeaderBlockWriter } from "@atoll/base/node/spdy/header-block";
import { chance, pick } from "../../differential/random-values.ts";
import { below, oddText, skewed, spoilBytes } from "../odd-values.ts";

const FLOOD_MAX = 3000;
const STREAM_TYPES = ["error", "stdin", "stdout", "stderr", "resize", "data", "x", ""];

/** Of one end of a connection. */
export function spoiltSpdyFrames(random: Random, role: "client" | "server"): Buffer {
  const block = new HeaderBlockWriter();
  const first = role === "client" ? 1 : 2;
  const open = (streamId: number) => {
    const headers = {
      streamtype: pick(random, STREAM_TYPES),
      port: pick(random, ["80", "0", "x", "99999"]),
      requestid: pick(random, ["0", "1", ""]),
    };
    return encodeFrame({ type: "synStream", streamId, fin: chance(random, 0.1), headerBlock: block.encode(headers) });
  };
  const frames = pick(random, [
    () => [open(first), open(first + 2), ...Array.from({ length: 1 + below(random, 10) }, () => oddFrame(random))],
    // What exec needs, and then something else.
    () => [
      ...["error", "stdin", "stdout"].map((streamtype, index) =>
        encodeFrame({
          type: "synStream",
          streamId: 1 + 2 * index,
          fin: false,
          headerBlock: block.encode({ streamtype }),
        }),
      ),
      encodeFrame({ type: "data", streamId: 3, fin: false, bytes: random.bytes(skewed(random, 60_000)) }),
      ...Array.from({ length: below(random, 8) }, () => oddFrame(random)),
    ],
    () => Array.from({ length: 1 + below(random, 12) }, () => oddFrame(random)),
    () => Array.from({ length: skewed(random, FLOOD_MAX) }, (_, index) => open(first + 2 * index)),
    () => Array(skewed(random, FLOOD_MAX)).fill(encodeFrame({ type: "ping", id: below(random, 5) })),
    () => [
      encodeFrame({ type: "synStream", streamId: first, fin: false, headerBlock: bomb(random) }),
      oddFrame(random),
    ],
    () =>
      Array.from({ length: skewed(random, 300) }, (_, index) =>
        encodeFrame({ type: "rstStream", streamId: index, status: 1 }),
      ),
    () => [Buffer.from(random.bytes(skewed(random, 3000)))],
  ])();
  const bytes = Buffer.concat(frames);
  return chance(random, 0.3) ? spoilBytes(random, bytes) : bytes;
}

/** Headers that are a thousand times their size once they are read. */
function bomb(random: Random): Buffer {
  const name = "a".repeat(skewed(random, 5_000_000));
  const plain = Buffer.alloc(4 + 4 + name.length + 4);
  plain.writeUInt32BE(chance(random, 0.8) ? 1 : 0xffff_ffff, 0);
  plain.writeUInt32BE(chance(random, 0.8) ? name.length : 0xffff_fff0, 4);
  plain.write(name, 8, "latin1");
  return deflateSync(plain, { dictionary: SPDY_DICTIONARY, level: 9 });
}

function oddFrame(random: Random): Buffer {
  const streamId = pick(random, [0, 1, 1, 2, 3, 3, 5, 0x7fff_ffff]);
  return pick(random, [
    () => encodeFrame({ type: "data", streamId, fin: chance(random, 0.3), bytes: random.bytes(skewed(random, 5000)) }),
    () =>
      encodeFrame({
        type: "data",
        streamId,
        fin: false,
        bytes: Buffer.from(pick(random, ['{"Width":1,"Height":2}', "{", '{"Width":-1}', oddText(random)])),
      }),
    () => encodeFrame({ type: "windowUpdate", streamId, delta: pick(random, [0, 1, 0x7fff_ffff]) }),
    () => encodeFrame({ type: "goAway", lastStreamId: streamId, status: below(random, 20) }),
    () => encodeFrame({ type: "rstStream", streamId, status: below(random, 20) }),
    () => encodeFrame({ type: "headers", streamId, fin: true, headerBlock: random.bytes(below(random, 60)) }),
    () => encodeFrame({ type: "synReply", streamId, fin: false, headerBlock: Buffer.alloc(0) }),
    () => control(random, below(random, 12), Buffer.from(random.bytes(below(random, 40)))),
    () => control(random, 4, Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff]), random.bytes(16)])),
  ])();
}

/** With any version, type and length. */
function control(random: Random, type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | (chance(random, 0.9) ? 3 : below(random, 0x8000)), 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt8(below(random, 256), 4);
  head.writeUIntBE(chance(random, 0.9) ? payload.length : below(random, 0x100_0000), 5, 3);
  return Buffer.concat([head, payload]);
}
