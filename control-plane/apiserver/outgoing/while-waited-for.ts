import type { Duplex } from "node:stream";
import { untilAborted } from "@atoll/base/until-aborted";

/** A connection that is being made, until the signal aborts; one that comes after that is closed. */
export function whileWaitedFor(dialling: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  // That it fails is told to whoever waits.
  dialling.then((socket) => signal.aborted && socket.destroy()).catch(() => {});
  return untilAborted(dialling, signal);
}
