// Port-forwarding: each connection of the user's program is a call to the agent, which connects inside the pod. Over SPDY
// (plain, or tunnelled in a WebSocket) a connection is a pair of streams, data and error, with the same request number;
// over WebSocket channels it is a pair of channels for each port.

import type { Duplex } from "node:stream";
import { callBidirectional } from "@atoll/api/guest-agent/client";
import { describeError } from "@atoll/base/errors";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { SpdyConnection, type SpdyStream } from "@atoll/base/node/spdy/connection";
import type { AcceptedWebSocket } from "../streaming/websocket-upgrade.ts";
import { WebSocketChannels } from "../streaming/websocket-channels.ts";

export const SPDY_FORWARD_PROTOCOLS = ["portforward.k8s.io"];
/** SPDY inside of a WebSocket's binary messages. */
export const TUNNEL_FORWARD_PROTOCOL = "SPDY/3.1+portforward.k8s.io";
export const CHANNEL_FORWARD_PROTOCOLS = ["v4.channel.k8s.io", "v4.base64.channel.k8s.io"];

/** Pairs that wait for their other half. */
const HALF_PAIRS_MAX = 256;

interface ForwardedConnection {
  readonly port: number;
  readonly received: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  send(bytes: Uint8Array): Promise<void>;
  /** The pod's side of the connection is over, with a text when it failed. */
  finish(failure: string): Promise<void>;
}

/** Serves until the client ends the connection. */
export async function forwardOverSpdy(line: Multiplexer, duplex: Duplex): Promise<void> {
  const halves = new Map<string, SpdyStream>();
  await using connection = new SpdyConnection(duplex, {
    role: "server",
    onStream: (stream) => {
      const { requestid = "", streamtype } = stream.headers;
      const key = `${requestid || stream.headers.port}`;
      const other = halves.get(key);
      if (!other || other.headers.streamtype === streamtype) {
        if (halves.size >= HALF_PAIRS_MAX) void stream.reset();
        else halves.set(key, stream);
        return;
      }
      halves.delete(key);
      const [data, error] = streamtype === "data" ? [stream, other] : [other, stream];
      void forward(line, spdyPair(data, error));
    },
  });
  await connection.closed;
}

function spdyPair(data: SpdyStream, error: SpdyStream): ForwardedConnection {
  return {
    port: Number(data.headers.port),
    received: data.readable,
    signal: data.resetSignal,
    send: (bytes) => data.write(bytes),
    finish: async (failure) => {
      if (failure !== "") await error.write(Buffer.from(failure));
      await error.end();
      await data.end();
    },
  };
}

/** One connection for each port, for as long as the WebSocket lives. */
export async function forwardOverChannels(
  line: Multiplexer,
  { socket, protocol }: AcceptedWebSocket,
  ports: readonly number[],
): Promise<void> {
  const channels = new WebSocketChannels(socket, { protocol, inputs: ports.map((_, index) => index * 2) });
  await Promise.all(
    ports.map(async (port, index) => {
      const [data, error] = [index * 2, index * 2 + 1];
      // Each channel begins with the port's number, little-endian, so that the client knows which is which.
      const number = Buffer.alloc(2);
      number.writeUInt16LE(port);
      await channels.send(data, number);
      await channels.send(error, number);
      await forward(line, {
        port,
        received: channels.input(data),
        signal: channels.signal,
        send: (bytes) => channels.send(data, bytes),
        finish: (failure) => (failure === "" ? Promise.resolve() : channels.send(error, Buffer.from(failure))),
      });
    }),
  );
  await channels.close();
}

/** Never throws: a failure is told on the connection's error side. */
async function forward(line: Multiplexer, connection: ForwardedConnection): Promise<void> {
  let failure = "";
  try {
    if (!(connection.port > 0 && connection.port < 65_536)) throw new Error(`"${connection.port}" is no port`);
    await using call = await callBidirectional(
      line,
      "portForward",
      { input: { case: "start", value: { port: connection.port } } },
      connection.signal,
    );
    const sending = (async () => {
      for await (const bytes of connection.received) await call.send({ input: { case: "data", value: bytes } });
      await call.end();
    })();
    // When the pod ended the connection, what is still sent to it fails; that is no news.
    sending.catch(() => {});
    for await (const { data } of call.responses()) await connection.send(data);
  } catch (error) {
    failure = `an error occurred forwarding port ${connection.port}: ${describeError(error)}`;
  }
  // The client may have left first; then there is nobody to tell.
  await connection.finish(failure).catch(() => {});
}
