import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type ByteLine, createLinePair } from "./byte-line.ts";
import {
  encodeFrame,
  encodeReset,
  type Frame,
  FRAME_TYPE,
  FrameReader,
  RESET_MAGIC,
  safePayloadLength,
} from "./frame.ts";
import { type AcceptStream, Multiplexer, STREAMS_MAX } from "./multiplexer.ts";
import type { MultiplexStream } from "./stream.ts";
import { decodeStatus, encodeStatus, StreamError } from "./stream-status.ts";

const never = new AbortController().signal;

async function echo(stream: MultiplexStream): Promise<void> {
  try {
    for await (const message of stream.messages()) await stream.send(message);
    await stream.close({ code: "OK", message: "" });
  } catch {
    // The caller went away.
  }
}

async function connectPair(accept: AcceptStream = (stream) => void echo(stream)) {
  const [hostLine, guestLine] = createLinePair();
  const guest = Multiplexer.serve(guestLine, accept);
  const host = await Multiplexer.connect(hostLine, { epoch: 1n, signal: never });
  return { host, guest, hostLine };
}

function readAll(chunks: Iterable<Uint8Array>): { frames: Frame[]; resets: bigint[]; broken: number } {
  const seen = { frames: [] as Frame[], resets: [] as bigint[], broken: 0 };
  const reader = new FrameReader({
    onFrame: (frame) => seen.frames.push(frame),
    onReset: (epoch) => {
      seen.resets.push(epoch);
      seen.frames = [];
    },
    onBroken: () => seen.broken++,
  });
  for (const chunk of chunks) reader.push(chunk);
  return seen;
}

const frameArbitrary = fc.record(
  {
    type: fc.integer({ min: 1, max: 7 }),
    flags: fc.integer({ min: 0, max: 1 }),
    stream: fc.integer({ min: 0, max: 1000 }),
    payload: fc.uint8Array({ maxLength: 60 }),
  },
  { noNullPrototype: true },
);

test("reads the same frames wherever the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(frameArbitrary, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (frames, step) => {
      const bytes = Buffer.concat([encodeReset(7n), ...frames.map(encodeFrame)]);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step));
      const seen = readAll(chunks);
      assert.deepEqual(seen.resets, [7n]);
      assert.deepEqual(seen.frames, frames);
    }),
  );
});

test("a reset is seen whatever half frame or garbage stands before it", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 90 }),
      fc.integer({ min: 1, max: 130 }),
      frameArbitrary,
      (junk, cut, frame) => {
        const bytes = Buffer.concat([junk, encodeReset(9n), encodeFrame(frame)]);
        const seen = readAll([bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.deepEqual(seen.resets, [9n]);
        assert.deepEqual(seen.frames, [frame]);
      },
    ),
  );
});

test("never lets the magic appear in what it writes", () => {
  const tail = RESET_MAGIC.subarray(1);
  assert.equal(safePayloadLength(0xf3, tail) < tail.length, true);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ maxLength: 30 }), (before, after) => {
      let rest: Uint8Array = Buffer.concat([before, RESET_MAGIC, after, RESET_MAGIC]);
      const whole = Buffer.from(rest);
      const written: Uint8Array[] = [];
      while (rest.length > 0) {
        const payload = rest.subarray(0, safePayloadLength(0xf3, rest));
        written.push(encodeFrame({ type: FRAME_TYPE.data, flags: 1, stream: 0xf3, payload }));
        rest = rest.subarray(payload.length);
      }
      const line = Buffer.concat(written);
      assert.equal(line.includes(Buffer.from(RESET_MAGIC)), false);
      assert.deepEqual(Buffer.concat(readAll([line]).frames.map((frame) => frame.payload)), whole);
    }),
  );
});

test("a length out of bounds makes the reader wait for the next reset", () => {
  const bad = Uint8Array.of(0, 1, 0, 7, 2, 0, 0, 0, 0, 1);
  const seen = readAll([
    bad,
    new Uint8Array(500),
    encodeReset(3n),
    encodeFrame({ type: 6, flags: 0, stream: 0, payload: new Uint8Array(8) }),
  ]);
  assert.equal(seen.broken, 1);
  assert.equal(seen.frames.length, 1);
});

test("statuses survive the wire, and any bytes read as some status", () => {
  for (const status of [
    { code: "OK", message: "" },
    { code: "NOT_FOUND", message: 'No container "é"' },
  ] as const) {
    assert.deepEqual(decodeStatus(encodeStatus(status)), status);
  }
  assert.equal(encodeStatus({ code: "INTERNAL", message: "é".repeat(9000) }).length < 4_110, true);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void decodeStatus(bytes)));
});

test("messages of every size go there and back, many calls at once", async () => {
  const { host } = await connectPair();
  const sizes = [0, 1, 65_534, 65_535, 65_536, 262_144, 262_145, 1_000_000, 4_194_304];
  await Promise.all(
    sizes.map(async (size) => {
      const sent = new Uint8Array(size).map((_, i) => (i * 31 + size) & 0xff);
      sent.set(RESET_MAGIC.subarray(0, size), Math.floor(size / 2) > 16 ? Math.floor(size / 2) : 0);
      const stream = await host.open(1, sent);
      await stream.end();
      const answers = await Array.fromAsync(stream.messages());
      assert.equal(answers.length, 1);
      assert.deepEqual(Buffer.compare(answers[0] ?? new Uint8Array(1), sent), 0);
    }),
  );
  assert.equal(host.openStreams, 0);
  host.close();
});

test("a sender waits for a reader that does not read", async () => {
  const accepted = Promise.withResolvers<MultiplexStream>();
  const { host } = await connectPair((stream) => accepted.resolve(stream));
  const stream = await host.open(1, new Uint8Array(0));
  let sent = 0;
  const sending = (async () => {
    for (; sent < 40; sent++) await stream.send(new Uint8Array(65_536));
  })();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent <= 4, true);
  const other = await accepted.promise;
  for (let i = 0; i < 41; i++) await other.receive();
  await sending;
  assert.equal(sent, 40);
  host.close();
});

test("one stream more than allowed is refused, the others go on", async () => {
  const { host } = await connectPair();
  const streams = await Promise.all(Array.from({ length: STREAMS_MAX }, () => host.open(1, new Uint8Array(1))));
  await assert.rejects(host.open(1, new Uint8Array(0)), { code: "RESOURCE_EXHAUSTED" });
  await streams[0]?.close({ code: "CANCELLED", message: "" });
  const again = await host.open(1, new Uint8Array(3));
  assert.equal((await again.receive())?.length, 3);
  host.close();
});

test("the callee's status reaches the caller after its messages", async () => {
  const { host } = await connectPair((stream) => {
    void (async () => {
      await stream.send(Uint8Array.of(1));
      await stream.close({ code: "NOT_FOUND", message: "No such thing" });
    })();
  });
  const stream = await host.open(5, new Uint8Array(0));
  assert.deepEqual(await stream.receive(), Uint8Array.of(1));
  await assert.rejects(stream.receive(), (error) => error instanceof StreamError && error.code === "NOT_FOUND");
  host.close();
});

/** A virtio port: the guest's side stays while connections on the host's side come and go, unseen by the guest. */
function createPort(): { guestLine: ByteLine; attach: () => ByteLine } {
  const [portLine, guestLine] = createLinePair();
  let current: ByteLine | undefined;
  void (async () => {
    for await (const chunk of portLine.readable) await current?.write(chunk).catch(() => {});
  })();
  const attach = () => {
    current?.close();
    const [hostLine, peerLine] = createLinePair();
    current = peerLine;
    void (async () => {
      for await (const chunk of peerLine.readable) await portLine.write(chunk);
    })();
    return hostLine;
  };
  return { guestLine, attach };
}

test("a new connection in the middle of a frame starts clean", async () => {
  const port = createPort();
  const dropped: string[] = [];
  Multiplexer.serve(port.guestLine, (stream) => {
    void stream.closed.then((status) => dropped.push(status.message));
    void echo(stream);
  });
  const firstLine = port.attach();
  const first = await Multiplexer.connect(firstLine, { epoch: 1n, signal: never });
  const stream = await first.open(1, Uint8Array.of(1, 2, 3));
  assert.equal((await stream.receive())?.length, 3);
  const cut = encodeFrame({ type: FRAME_TYPE.data, flags: 0, stream: 1, payload: new Uint8Array(999) }).subarray(
    0,
    300,
  );
  await firstLine.write(cut);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  const second = await Multiplexer.connect(port.attach(), { epoch: 2n, signal: never });
  assert.equal((await stream.closed).code, "UNAVAILABLE");
  const fresh = await second.open(1, Uint8Array.of(9));
  assert.deepEqual(await fresh.receive(), Uint8Array.of(9));
  assert.deepEqual(dropped, ["Line was reset"]);
});

test("bytes go both ways at once on many streams, whichever end opened them and however full the line is", async () => {
  const bytesEach = 1_000_000;
  const sizes = fc.array(fc.integer({ min: 2000, max: 300_000 }), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, async (messageBytes) => {
      const [hostLine, guestLine] = createLinePair();
      const guest = Multiplexer.serve(guestLine, (stream) => void echo(stream));
      using host = await Multiplexer.connect(hostLine, {
        epoch: 1n,
        signal: never,
        accept: (stream) => void echo(stream),
      });
      const calls = messageBytes.map(async (size, index) => {
        // The first message is empty and comes back as well.
        const stream = await (index % 2 === 0 ? host : guest).open(1, new Uint8Array(0));
        const sending = (async () => {
          for (let sent = 0; sent < bytesEach; sent += size) await stream.send(new Uint8Array(size).fill(index));
          await stream.end();
        })();
        let received = 0;
        for await (const message of stream.messages()) {
          assert.ok(message.at(0) === index || message.length === 0);
          received += message.length;
        }
        await sending;
        assert.equal(received, Math.ceil(bytesEach / size) * size);
      });
      await Promise.all(calls);
      await host.ping(never);
    }),
    { numRuns: 5 },
  );
});

test("pings are answered, and a dead line wakes everybody", async () => {
  const { host, guest } = await connectPair(() => {});
  await host.ping(never);
  const stream = await host.open(1, new Uint8Array(0));
  const reading = assert.rejects(stream.receive(), { code: "UNAVAILABLE" });
  guest.close();
  await reading;
  await assert.rejects(host.open(1, new Uint8Array(0)), { code: "UNAVAILABLE" });
  assert.equal((await stream.closed).code, "UNAVAILABLE");
});

test("a guest that writes garbage costs the line, nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 }), async (pieces) => {
      const [hostLine, guestLine] = createLinePair();
      const connecting = Multiplexer.connect(hostLine, { epoch: 4n, signal: never });
      await guestLine.write(encodeReset(4n));
      const host = await connecting;
      for (const piece of pieces) await guestLine.write(piece).catch(() => {});
      guestLine.close();
      await host.closed;
    }),
    { numRuns: 50 },
  );
});
