// The lines to the agents of this host's pods, one each, shared by the pod's worker and by everybody who runs exec, logs and
// the like in it. A line that broke is made again by the next one who asks.

import { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { duplexLine } from "@atoll/base/node/duplex-line";
import type { Random } from "@atoll/base/random";
import { untilAborted } from "@atoll/base/until-aborted";
import type { Hostd } from "./hostd-client.ts";

/** From the connection to the agent's answer. A guest that boots without KVM on a busy host takes half a minute. */
const CONNECT_TIMEOUT_MS = 90_000;

export class AgentLines implements Disposable {
  readonly #hostd: Pick<Hostd, "connectAgent">;
  readonly #random: Random;
  readonly #lines = new Map<string, Promise<Multiplexer>>();

  constructor(options: { readonly hostd: Pick<Hostd, "connectAgent">; readonly random: Random }) {
    this.#hostd = options.hostd;
    this.#random = options.random;
  }

  /** The line to the agent of `podUid`, connected if it is not. */
  async connect(podUid: string, signal: AbortSignal): Promise<Multiplexer> {
    const present = this.#lines.get(podUid);
    if (present) return untilAborted(present, signal);
    const line = this.#open(podUid);
    this.#lines.set(podUid, line);
    const forget = () => {
      if (this.#lines.get(podUid) === line) this.#lines.delete(podUid);
    };
    line.then((multiplexer) => void multiplexer.closed.then(forget), forget);
    return untilAborted(line, signal);
  }

  /** Ends the pod's line; its calls end as UNAVAILABLE. */
  close(podUid: string): void {
    const line = this.#lines.get(podUid);
    this.#lines.delete(podUid);
    // A line that never came to be needs no closing.
    line?.then(
      (multiplexer) => multiplexer[Symbol.dispose](),
      () => {},
    );
  }

  [Symbol.dispose](): void {
    for (const podUid of [...this.#lines.keys()]) this.close(podUid);
  }

  /** Not ended by one caller's signal: others may wait for the same line. */
  async #open(podUid: string): Promise<Multiplexer> {
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    const duplex = await this.#hostd.connectAgent(podUid, signal);
    const epoch = new DataView(this.#random.bytes(8).buffer).getBigUint64(0);
    return Multiplexer.connect(duplexLine(duplex), { epoch, signal });
  }
}
