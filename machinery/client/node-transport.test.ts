import assert from "node:assert/strict";
import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { test } from "node:test";
import { systemClock } from "@atoll/base/clock";
import { VirtualClock } from "@atoll/base/node/virtual-clock";
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

/** Takes connections, reads what comes, and never says a word. */
async function silentServer(owned: AsyncDisposableStack) {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => sockets.push(socket.on("error", () => {}).resume()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  owned.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }; // it listens on a port
}

test("a server that takes a connection and says nothing is let go in time, and at the end", {
  timeout: 10_000,
}, async () => {
  await using owned = new AsyncDisposableStack();
  const { server, origin } = await silentServer(owned);
  const clock = new VirtualClock();
  const transport = new NodeTransport({ server: origin, clock });
  const ends = [() => clock.advance(10_000), () => transport[Symbol.asyncDispose]()];
  for (const end of ends) {
    const sending = assert.rejects(transport.send({ method: "GET", path: "/", headers: {} }));
    const [socket] = (await once(server, "connection")) as [Socket]; // as Node declares it
    const closed = once(socket, "close");
    await end();
    await sending;
    await closed;
  }
});

test("whoever gives up does not wait for the connection, which others may get", { timeout: 10_000 }, async () => {
  await using owned = new AsyncDisposableStack();
  const { origin } = await silentServer(owned);
  const clock = new VirtualClock();
  const transport = owned.use(new NodeTransport({ server: origin, clock }));
  const left = new AbortController();
  const leaving = assert.rejects(
    transport.send({ method: "GET", path: "/", headers: {}, signal: left.signal }),
    /^Error: enough$/,
  );
  const staying = assert.rejects(transport.send({ method: "GET", path: "/", headers: {} }), /within 10000 ms$/);
  left.abort(new Error("enough"));
  await leaving;
  await clock.advance(10_000);
  await staying;
});

test("the end ends a connection, too, that its server takes no more requests on", { timeout: 10_000 }, async () => {
  const server = createServer();
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    stream.write("first");
    stream.session?.goaway();
  });
  const transport = new NodeTransport({ server: await listen(server), clock: systemClock });
  const { body } = await transport.send({ method: "GET", path: "/watch", headers: {} });
  const reading = assert.rejects(readBody(body));
  // The next request goes over another connection as soon as this one is known to be at its end.
  let sessions = 1;
  server.on("session", () => sessions++);
  while (sessions === 1) await transport.send({ method: "GET", path: "/other", headers: {} }).catch(() => {});
  await transport[Symbol.asyncDispose]();
  await reading;
  server.close();
});
