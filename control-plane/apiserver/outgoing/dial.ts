// How bytes get from this server to a backend. An interface, for what can be reached directly depends on where the server
// stands: pods are on the hosts' network.

import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "@atoll/base/clock";
import type { Backend } from "./service-addresses.ts";

/** An open connection, without encryption of its own. Rejects when there is none to be had in time. */
export type Dial = (backend: Backend, signal: AbortSignal) => Promise<Duplex>;

/** As upstream: whoever is there answers well before. */
const CONNECT_TIMEOUT_MS = 30_000;

/** Straight to the address. */
export function directDial(clock: Clock): Dial {
  return async ({ host, port }, signal) => {
    signal.throwIfAborted();
    const socket = connectTcp({ host, port, noDelay: true, keepAlive: true });
    const giveUp = (reason: Error) => socket.destroy(reason);
    const onAbort = () => giveUp(signal.reason instanceof Error ? signal.reason : new Error("The caller gave up"));
    signal.addEventListener("abort", onAbort, { once: true });
    using _deadline = clock.setTimer(CONNECT_TIMEOUT_MS, () =>
      giveUp(new Error(`dial tcp ${host}:${port}: i/o timeout`)),
    );
    try {
      await once(socket, "connect");
      return socket;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}
