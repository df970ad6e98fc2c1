import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isPoured, type PieceSink } from "../request/poured-body.ts";
import { configMapOf, type Json, TestServer } from "../test-server.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let server: TestServer;

before(async () => {
  server = await TestServer.start();
});

after(() => server[Symbol.asyncDispose]());

/** A connection that takes what it is given, when it says so. */
class TestSink implements PieceSink {
  readonly pieces: Uint8Array[] = [];
  readonly steps: (() => void)[] = [];
  hasRoom = true;
  drain: () => void = () => {};

  write(piece: Uint8Array): boolean {
    this.pieces.push(piece);
    return this.hasRoom;
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.drain = resolve;
    });
  }

  whenDue(step: () => void): void {
    this.steps.push(step);
  }

  get events(): string[] {
    const lines = Buffer.concat(this.pieces).toString().trimEnd().split("\n");
    return lines.map((line) => {
      const { type, object }: Json = JSON.parse(line);
      return `${type} ${object.metadata.name ?? object.code} ${object.data?.a ?? ""}`.trimEnd();
    });
  }

  async takeDue(): Promise<void> {
    while (this.steps.length === 0) await nextTurn();
    for (const step of this.steps.splice(0)) step();
  }
}

async function pour(sink: PieceSink, query: string): Promise<{ readonly stop: AbortController; ended: Promise<void> }> {
  const stop = new AbortController();
  const path = `${MAPS}?watch=true&${query}`;
  const { body } = await server.api.handle({ method: "GET", path, headers: {}, signal: stop.signal });
  assert.ok(!(body instanceof Uint8Array) && isPoured(body));
  return { stop, ended: body.pour(sink) };
}

const put = (name: string, a: string) => server.call("PUT", `${MAPS}/${name}`, { body: configMapOf(name, { a }) });

test("a watch that is poured gives what has come since the last time as one piece, the same to all", async () => {
  await server.call("POST", MAPS, { body: configMapOf("one", { a: "1" }) });
  const [sink, other] = [new TestSink(), new TestSink()];
  const [first, second] = [
    await pour(sink, "fieldSelector=metadata.name%3Done"),
    await pour(other, "fieldSelector=metadata.name%3Done"),
  ];
  while (sink.pieces.length + other.pieces.length < 2) await nextTurn();
  assert.deepEqual(sink.events, ["ADDED one 1"]);
  for (const a of ["2", "3", "4"]) await put("one", a);
  await sink.takeDue();
  await other.takeDue();
  assert.deepEqual(sink.events, ["ADDED one 1", "MODIFIED one 2", "MODIFIED one 3", "MODIFIED one 4"]);
  assert.equal(sink.pieces.length, 2);
  assert.equal(sink.pieces[1], other.pieces[1], "the very same bytes");
  first.stop.abort();
  second.stop.abort();
  await sink.takeDue();
  await other.takeDue();
  await Promise.all([first.ended, second.ended]);
});

test("a reader that has no room gets nothing more until it has, and then everything", async () => {
  await server.call("POST", MAPS, { body: configMapOf("slow", { a: "1" }) });
  const sink = new TestSink();
  const { stop, ended } = await pour(sink, "fieldSelector=metadata.name%3Dslow");
  while (sink.pieces.length < 1) await nextTurn();
  sink.hasRoom = false;
  await put("slow", "2");
  await sink.takeDue();
  await put("slow", "3");
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.equal(sink.steps.length, 0, "nothing is due to who has no room");
  sink.hasRoom = true;
  sink.drain();
  await sink.takeDue();
  assert.deepEqual(sink.events, ["ADDED slow 1", "MODIFIED slow 2", "MODIFIED slow 3"]);
  stop.abort();
  await sink.takeDue();
  await ended;
});

test("who goes away while there is no room ends the stream", async () => {
  await server.call("POST", MAPS, { body: configMapOf("gone", { a: "1" }) });
  const sink = new TestSink();
  const { stop, ended } = await pour(sink, "fieldSelector=metadata.name%3Dgone");
  while (sink.pieces.length < 1) await nextTurn();
  sink.hasRoom = false;
  await put("gone", "2");
  await sink.takeDue();
  stop.abort();
  sink.drain();
  await ended;
  assert.equal(sink.pieces.length, 2);
});

test("a version that is forgotten is told in the stream, which then ends", async () => {
  const restarted = await TestServer.start(server.store);
  const { body } = await restarted.api.handle({
    method: "GET",
    path: `${MAPS}?watch=1&resourceVersion=2`,
    headers: {},
  });
  assert.ok(!(body instanceof Uint8Array) && isPoured(body));
  const sink = new TestSink();
  await body.pour(sink);
  assert.deepEqual(sink.events, ["ERROR 410"]);
  await restarted[Symbol.asyncDispose]();
});
