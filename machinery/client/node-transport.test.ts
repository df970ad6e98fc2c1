import assert from "node:assert/strict";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { NodeTransport } from "./node-transport.ts";
import { readBody } from "./transport.ts";

async function listen(server: Http2Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server's address is never a string.
}

test("sends requests on one connection, streams answers, and connects again after the connection was lost", async () => {
  const sessions: ServerHttp2Session[] = [];
  const server = createServer();
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 201, "x-path": headers[":path"] ?? "", "x-token": headers.authorization ?? "" });
    if (headers[":path"] === "/base/watch") stream.write("first\n");
    else stream.pipe(stream);
  });
  const transport = new NodeTransport({ server: `${await listen(server)}/base`, clock: systemClock, token: () => "t" });
  try {
    const echo = await transport.send({ method: "POST", path: "/echo?x=1", headers: {}, body: new Uint8Array([1, 2]) });
    assert.deepEqual(
      [echo.status, echo.headers["x-path"], echo.headers["x-token"]],
      [201, "/base/echo?x=1", "Bearer t"],
    );
    assert.deepEqual([...(await readBody(echo.body))], [1, 2]);

    const watcher = new AbortController();
    const watch = await transport.send({ method: "GET", path: "/watch", headers: {}, signal: watcher.signal });
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const chunk of watch.body as AsyncIterable<Uint8Array>) {
        // This transport always streams.
        chunks.push(new TextDecoder().decode(chunk));
        watcher.abort(new Error("seen enough"));
      }
    })();
    await assert.rejects(reading, /seen enough/);
    assert.deepEqual(chunks, ["first\n"]);
    assert.equal(sessions.length, 1);

    const cut = await transport.send({ method: "GET", path: "/watch", headers: {} });
    const cutReading = readBody(cut.body);
    sessions[0]?.destroy();
    await assert.rejects(cutReading);
    const again = await transport.send({ method: "POST", path: "/echo", headers: {}, body: new Uint8Array([3]) });
    assert.deepEqual([...(await readBody(again.body))], [3]);
    assert.equal(sessions.length, 2);
  } finally {
    await transport[Symbol.asyncDispose]();
    for (const session of sessions) session.destroy();
    server.close();
  }
});

test("rejects when nobody listens, and when it is closed", async () => {
  const server = createServer();
  const address = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const transport = new NodeTransport({ server: address, clock: systemClock });
  await assert.rejects(transport.send({ method: "GET", path: "/", headers: {} }), /ECONNREFUSED/);
  await transport[Symbol.asyncDispose]();
  await assert.rejects(transport.send({ method: "GET", path: "/", headers: {} }), /closed/);
});
test("reads an answer that has arrived whole before anybody reads it", async () => {
  const server = createServer();
  const sessions: ServerHttp2Session[] = [];
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 });
    stream.end("whole");
  });
  const transport = new NodeTransport({ server: await listen(server), clock: systemClock });
  try {
    const { body } = await transport.send({ method: "GET", path: "/", headers: {} });
    // Turns of the event loop, in which the stream learns that it is closed.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(new TextDecoder().decode(await readBody(body)), "whole");
  } finally {
    await transport[Symbol.asyncDispose]();
    for (const session of sessions) session.destroy();
    server.close();
  }
});
