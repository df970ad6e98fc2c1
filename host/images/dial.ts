import { connect, type Socket } from "node:net";
import { type ServedCall, firstRequest } from "@atoll/api/guest-agent/server";
import type { Clock } from "@atoll/base/clock";
import { StreamError } from "@atoll/base/multiplex/stream-status";
import { allowDial, type ResolveHost } from "./dial-policy.ts";

/** To a registry that answers at all. */
const CONNECT_MS_MAX = 10_000;
/** A connection that carries nothing for so long is dead; the guest opens another. */
const IDLE_MS_MAX = 60_000;
/** Both ways, of one pull: the limit of an image, its retries and its manifests. */
export const DIAL_BYTES_MAX = 68_719_476_736;

export interface DialOptions {
  readonly registry: string;
  readonly plainHttp: boolean;
  readonly resolve: ResolveHost;
  readonly clock: Clock;
  /** Counts what passed; throws when it is too much. */
  readonly count: (bytes: number) => void;
}

/** Serves one connection that the guest asked for. */
export async function serveDial(call: ServedCall<"dial">, options: DialOptions): Promise<void> {
  const { input } = await firstRequest(call);
  if (input.case !== "start") throw new StreamError("INVALID_ARGUMENT", "Dial begins with where to connect");
  const { host, port } = input.value;
  const { address } = await allowDial({ host, port }, options);
  if (call.signal.aborted) throw new StreamError("CANCELLED", "The guest has given the connection up");
  const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true, timeout: IDLE_MS_MAX });
  const onAbort = () => socket.destroy();
  call.signal.addEventListener("abort", onAbort, { once: true });
  socket.once("timeout", () => socket.destroy(new Error("Connection was idle")));
  try {
    await connected(socket, options.clock);
    // The first side to fail takes the other one down with the socket.
    await Promise.all([send(call, socket, options), receive(call, socket, options)]);
  } catch (error) {
    if (error instanceof StreamError) throw error;
    throw new StreamError("UNAVAILABLE", `Connection to "${host}:${port}"`, { cause: error });
  } finally {
    call.signal.removeEventListener("abort", onAbort);
    socket.destroy();
  }
}

async function connected(socket: Socket, clock: Clock): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _limit = clock.setTimer(CONNECT_MS_MAX, () => reject(new Error("No connection in time")));
  socket
    .once("connect", resolve)
    .once("error", reject)
    .once("close", () => reject(new Error("Closed")));
  await promise;
}

async function send(call: ServedCall<"dial">, socket: Socket, { count }: DialOptions): Promise<void> {
  for await (const { input } of call.requests) {
    if (input.case !== "data") continue;
    count(input.value.length);
    if (!socket.write(input.value)) await drained(socket);
  }
  socket.end();
}

async function receive(call: ServedCall<"dial">, socket: Socket, { count }: DialOptions): Promise<void> {
  for await (const chunk of socket) {
    count(chunk.length);
    await call.respond({ data: chunk });
  }
}

async function drained(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = () => reject(new Error("Connection closed while writing"));
  socket.once("drain", resolve).once("close", onClose);
  try {
    await promise;
  } finally {
    socket.off("drain", resolve).off("close", onClose);
  }
}
