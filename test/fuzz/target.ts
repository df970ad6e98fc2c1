// What a sort of input is: it makes input number so-and-so from a seed, sends it, and says what came back.

import type { Random } from "@atoll/base/random";
import type { Target } from "../performance/load/connection.ts";
import type { SampledProcess } from "./sampled-process.ts";
import type { Outcome } from "./answer-reader.ts";
import type { FuzzRequest, HttpLane, RawOptions } from "./http-lane.ts";

/** What one input was answered; the judge looks at each. */
export interface Exchange {
  /** What was sent, so that it can be read in the report. */
  readonly sent: string;
  readonly outcome: Outcome;
  /** It says so little of HTTP that ending the connection is an answer. */
  readonly mayClose: boolean;
}

/** The namespace all inputs are about. */
export const NAMESPACE = "fuzzed";

export interface InputContext {
  readonly random: Random;
  readonly index: number;
  /** Which of the connections this is: what an input leaves behind for a moment is named after it. */
  readonly laneNumber: number;
  readonly lane: Pick<HttpLane, "send" | "render">;
  /** Sends, and notes the answer for the judge. */
  call(request: FuzzRequest): Promise<Outcome>;
  /** The same for bytes that are no request, on a connection of their own. */
  callRaw(pieces: readonly Uint8Array[], protocol: "http/1.1" | "h2", options?: RawOptions): Promise<Outcome>;
  /** What was exchanged otherwise. */
  note(exchange: Exchange): void;
}

export interface TargetSetup {
  readonly server: Target;
  readonly kubeconfig: string;
  readonly configurationFile: string;
  /** For logs and whatever else has to be a file. */
  readonly directory: string;
  readonly lanes: number;
  /** Sends what inputs need to find; an answer that is no success throws. */
  make(method: string, path: string, object?: object): Promise<unknown>;
}

export interface FuzzTarget {
  readonly name: string;
  /** In a few words, for `--help`. */
  readonly what: string;
  open(setup: TargetSetup): Promise<OpenTarget>;
}

export interface OpenTarget extends AsyncDisposable {
  /** Programs that are held to the same promises as the server, and what they log. */
  readonly processes?: readonly SampledProcess[];
  readonly logs?: readonly string[];
  send(context: InputContext): Promise<void>;
}

/** A target that needs nothing to be made before. */
export function statelessTarget(
  name: string,
  what: string,
  send: (context: InputContext) => Promise<void>,
): FuzzTarget {
  return { name, what, open: async () => ({ send, [Symbol.asyncDispose]: async () => {} }) };
}
