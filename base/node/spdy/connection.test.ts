import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import type { Duplex } from "node:stream";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { createDeflate, constants } from "node:zlib";
import fc from "fast-check";
import { SpdyConnection, type SpdyStream, STREAMS_MAX } from "./connection.ts";
import { SPDY_DICTIONARY } from "./dictionary.ts";
import { CONTROL_FRAME_BYTES_MAX, encodeFrame, type SpdyFrame, SpdyFrameReader } from "./frame.ts";
import { HEADER_BYTES_MAX, HeaderBlockReader, HeaderBlockWriter } from "./header-block.ts";

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

async function readAll(stream: Pick<SpdyStream, "readable">): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.readable) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A client and a server over a pair of Duplexes; the server hands each stream to `serve`. */
function connectPair(serve: (stream: SpdyStream) => void): { client: SpdyConnection; server: SpdyConnection } {
  const [near, far] = duplexPair();
  return {
    client: new SpdyConnection(near, { role: "client" }),
    server: new SpdyConnection(far, { role: "server", onStream: serve }),
  };
}

test("the dictionary is the specification's", () => {
  assert.equal(SPDY_DICTIONARY.length, 1423);
  assert.equal(adler32(SPDY_DICTIONARY), 0xe3c6a7c2);
});

test("frames have the bytes that the specification draws", () => {
  const golden: [SpdyFrame, string][] = [
    [{ type: "rstStream", streamId: 5, status: 3 }, "8003000300000008 00000005 00000003"],
    [{ type: "ping", id: 1 }, "8003000600000004 00000001"],
    [{ type: "goAway", lastStreamId: 7, status: 0 }, "8003000700000008 00000007 00000000"],
    [{ type: "windowUpdate", streamId: 1, delta: 65536 }, "8003000900000008 00000001 00010000"],
    [
      { type: "synStream", streamId: 1, fin: true, headerBlock: Buffer.from("ab") },
      "800300010100000c 00000001 00000000 0000 6162",
    ],
    [{ type: "synReply", streamId: 1, fin: false, headerBlock: Buffer.from("ab") }, "8003000200000006 00000001 6162"],
    [{ type: "data", streamId: 3, fin: true, bytes: Buffer.from("hi") }, "00000003 01000002 6869"],
  ];
  for (const [frame, hex] of golden) {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    assert.deepEqual(encodeFrame(frame), bytes);
    assert.deepEqual(new SpdyFrameReader().push(bytes), [frame]);
  }
});

/** The reader gives data as it comes; this puts each frame of `whole` together again. */
function joinPieces(parts: readonly SpdyFrame[], whole: readonly SpdyFrame[]): SpdyFrame[] {
  const rest = [...parts];
  return whole.map((frame) => {
    let joined = rest.shift();
    while (frame.type === "data" && joined?.type === "data" && joined.bytes.length < frame.bytes.length) {
      const piece = rest.shift();
      assert.ok(piece?.type === "data" && !joined.fin);
      joined = { ...piece, bytes: Buffer.concat([joined.bytes, piece.bytes]) };
    }
    assert.ok(joined);
    return joined;
  });
}

test("frames survive being cut anywhere", () => {
  const frame: fc.Arbitrary<SpdyFrame> = fc.oneof(
    fc.record(
      {
        type: fc.constantFrom("synStream" as const, "synReply" as const, "headers" as const),
        streamId: fc.integer({ min: 1, max: 0x7fff_ffff }),
        fin: fc.boolean(),
        headerBlock: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
    fc.record(
      {
        type: fc.constant("data" as const),
        streamId: fc.integer({ min: 1, max: 0x7fff_ffff }),
        fin: fc.boolean(),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 64 }), (frames, step) => {
      const line = Buffer.concat(frames.map(encodeFrame));
      const reader = new SpdyFrameReader();
      const parts: SpdyFrame[] = [];
      for (let offset = 0; offset < line.length; offset += step) {
        parts.push(...reader.push(line.subarray(offset, offset + step)));
      }
      assert.deepEqual(joinPieces(parts, frames), frames);
    }),
  );
});

test("refuses a control frame beyond the limit and a foreign version", () => {
  const large = Buffer.alloc(8);
  large.writeUInt32BE(0x8003_0001, 0);
  large.writeUIntBE(CONTROL_FRAME_BYTES_MAX + 1, 5, 3);
  assert.throws(() => new SpdyFrameReader().push(large), { code: "FrameTooLarge" });
  assert.throws(() => new SpdyFrameReader().push(Buffer.from("GET / HTTP/1.1\r\n").fill(0x80, 0, 1)), {
    code: "BrokenFrame",
  });
});

test("header blocks of one direction are one zlib stream, ours and a compressing peer's", async () => {
  using reader = new HeaderBlockReader();
  const writer = new HeaderBlockWriter();
  const first = { streamtype: "error", "x-long": "y".repeat(70_000).slice(0, 60_000) };
  assert.deepEqual({ ...(await reader.decode(writer.encode(first))) }, first);
  assert.deepEqual(
    { ...(await reader.decode(writer.encode({ StreamType: "data", port: "80" }))) },
    {
      streamtype: "data",
      port: "80",
    },
  );

  using second = new HeaderBlockReader();
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY, level: 9 });
  const compressed: Buffer[] = [];
  deflate.on("data", (chunk: Buffer) => compressed.push(chunk));
  for (const requestid of ["0", "1", "2"]) {
    compressed.length = 0;
    const plain = Buffer.from(`\0\0\0\x01\0\0\0\x09requestid\0\0\0\x01${requestid}`, "latin1");
    deflate.write(plain);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    assert.deepEqual({ ...(await second.decode(Buffer.concat(compressed))) }, { requestid });
  }
});

test("refuses headers that unpack beyond the limit", async () => {
  using reader = new HeaderBlockReader();
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY });
  const compressed: Buffer[] = [];
  deflate.on("data", (chunk: Buffer) => compressed.push(chunk));
  deflate.write(Buffer.alloc(HEADER_BYTES_MAX * 8));
  await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
  await assert.rejects(reader.decode(Buffer.concat(compressed)), { code: "BrokenHeaders" });
});

test("carries many megabytes both ways on several streams at once", async () => {
  const { client, server } = connectPair((stream) => {
    void (async () => {
      for await (const chunk of stream.readable) await stream.write(chunk);
      await stream.end();
    })();
  });
  const sent = Buffer.alloc(3_000_000, "0123456789abcdef");
  const echoes = await Promise.all(
    ["a", "b", "c"].map(async (streamtype) => {
      const stream = await client.open({ streamtype });
      void stream.write(sent).then(() => stream.end());
      return readAll(stream);
    }),
  );
  for (const echo of echoes) assert.ok(echo.equals(sent));
  await client.close();
  await server.closed;
});

test("ends every stream with an error when the connection is cut", async () => {
  const streams: SpdyStream[] = [];
  const { client, server } = connectPair((stream) => streams.push(stream));
  const ours = await client.open({ streamtype: "stdin" });
  while (streams.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await client[Symbol.asyncDispose]();
  await server.closed;
  await assert.rejects(readAll(ours), { code: "Closed" });
  await assert.rejects(readAll(streams[0]!), { code: "Closed" });
  assert.ok(streams[0]!.resetSignal.aborted);
});

test("does not read on while a stream's reader is behind", async () => {
  let accepted: AsyncIterable<Uint8Array> | undefined;
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", () => resolve()));
  const { port } = listener.address() as { port: number }; // a TCP listener's address is always an AddressInfo
  const serverSide = new Promise<Duplex>((resolve) => listener.once("connection", resolve));
  const clientSide = connect(port, "127.0.0.1");
  const server = new SpdyConnection(await serverSide, {
    role: "server",
    onStream: (stream) => {
      accepted = stream.readable;
    },
  });
  const client = new SpdyConnection(clientSide, { role: "client" });
  const stream = await client.open({});
  let written = 0;
  const writing = (async () => {
    const piece = Buffer.alloc(65_536);
    for (; written < 64 * 1024 * 1024; written += piece.length) await stream.write(piece);
    await stream.end();
  })();
  while (!accepted) await new Promise((resolve) => setImmediate(resolve));
  let before = -1;
  for (let quiet = 0; quiet < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    quiet = written === before ? quiet + 1 : 0;
    before = written;
  }
  assert.ok(written < 48 * 1024 * 1024, `the writer got ${written} bytes out with nobody reading`);
  assert.equal((await readAll({ readable: accepted })).length, 64 * 1024 * 1024);
  await writing;
  await client.close();
  await server.closed;
  listener.close();
});

test("a peer that fills a stream which nobody reads is let go", { timeout: 10_000 }, async () => {
  const { client, server } = connectPair(() => {});
  const stream = await client.open({});
  void stream.write(Buffer.alloc(1024 * 1024)).catch(() => {});
  await server.closed;
  await client.closed;
});

test("many streams that wait for a slow peer are one listener", { timeout: 10_000 }, async () => {
  const [near, far] = duplexPair();
  await using client = new SpdyConnection(near, { role: "client" });
  const writes = Array.from({ length: 50 }, async () => {
    const stream = await client.open({ streamtype: "data" });
    await stream.write(Buffer.alloc(30_000));
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(near.listenerCount("drain") <= 2, `${near.listenerCount("drain")} listeners`);
  far.resume();
  await Promise.all(writes);
});

test("a peer that opens streams where none are served, or far too many, is let go", { timeout: 20_000 }, async () => {
  const [near, far] = duplexPair();
  await using alone = new SpdyConnection(near, { role: "client" });
  await using other = new SpdyConnection(far, { role: "server", onStream: () => {} });
  await other.open({ streamtype: "data" });
  await Promise.all([alone.closed, other.closed]);
  const { client, server } = connectPair(() => {});
  for (let count = 0; count < STREAMS_MAX + 1000; count++) void client.open({});
  await server.closed;
  await client[Symbol.asyncDispose]();
});
