// The guest agent's methods as typed calls on a multiplexed line, and the table of messages that belongs to `methods.ts`.
// Everything here waits as long as its signal lets it; a call that is given up is cancelled in the guest.

import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import type { MultiplexStream } from "@atoll/base/multiplex/stream";
import { StreamError, type StatusCode } from "@atoll/base/multiplex/stream-status";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import * as agent from "@atoll/api/guest-agent/agent_pb";
import * as image from "@atoll/api/guest-agent/image_pb";
import { type AgentMethod, agentMethods, type MethodShape } from "./methods.ts";

const empty = agent.EmptySchema;

/** The schemas of the messages that `agentMethods` names. */
export const agentSchemas = {
  hello: { request: empty, response: agent.HelloResponseSchema },
  prepare: { request: agent.PrepareRequestSchema, response: empty },
  setVolume: { request: agent.SetVolumeRequestSchema, response: empty },
  startPod: { request: agent.StartPodRequestSchema, response: empty },
  stopPod: { request: agent.StopPodRequestSchema, response: empty },
  watchPod: { request: empty, response: agent.PodStatusSchema },
  watchEvents: { request: empty, response: agent.PodEventSchema },
  exec: { request: agent.ProcessInputSchema, response: agent.ProcessOutputSchema },
  attach: { request: agent.ProcessInputSchema, response: agent.ProcessOutputSchema },
  readLog: { request: agent.ReadLogRequestSchema, response: agent.LogChunkSchema },
  portForward: { request: agent.PortForwardInputSchema, response: agent.BytesSchema },
  stats: { request: empty, response: agent.StatsResponseSchema },
  shutdown: { request: empty, response: empty },
  pullImage: { request: image.PullImageRequestSchema, response: image.PullImageResponseSchema },
  dial: { request: image.DialInputSchema, response: agent.BytesSchema },
} as const satisfies Record<AgentMethod, { readonly request: DescMessage; readonly response: DescMessage }>;

type OfShape<Shape extends MethodShape> = {
  [Method in AgentMethod]: (typeof agentMethods)[Method]["shape"] extends Shape ? Method : never;
}[AgentMethod];
export type UnaryMethod = OfShape<"unary">;
export type ServerStreamMethod = OfShape<"serverStream">;
export type BidirectionalMethod = OfShape<"bidirectional">;

export type RequestInit<Method extends AgentMethod> = MessageInitShape<(typeof agentSchemas)[Method]["request"]>;
export type RequestOf<Method extends AgentMethod> = MessageShape<(typeof agentSchemas)[Method]["request"]>;
export type ResponseInit<Method extends AgentMethod> = MessageInitShape<(typeof agentSchemas)[Method]["response"]>;
export type ResponseOf<Method extends AgentMethod> = MessageShape<(typeof agentSchemas)[Method]["response"]>;

/** A call that did not end well: the agent's own status, or UNAVAILABLE when the line ended, CANCELLED when the caller did. */
export class AgentCallError extends StreamError {
  readonly method: AgentMethod;

  constructor(method: AgentMethod, code: StatusCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.method = method;
  }

  static from(method: AgentMethod, thrown: unknown): AgentCallError {
    if (thrown instanceof AgentCallError) return thrown;
    if (thrown instanceof StreamError) {
      return new AgentCallError(method, thrown.code, `Call "${method}": ${thrown.message}`, { cause: thrown.cause });
    }
    return new AgentCallError(method, "UNAVAILABLE", `Call "${method}" failed`, { cause: thrown });
  }
}

export async function callUnary<Method extends UnaryMethod>(
  line: Multiplexer,
  method: Method,
  request: RequestInit<Method>,
  signal: AbortSignal,
): Promise<ResponseOf<Method>> {
  let answer: ResponseOf<Method> | undefined;
  for await (const response of callAny(line, method, request, signal)) answer ??= response;
  if (answer) return answer;
  throw new AgentCallError(method, "INTERNAL", `Call "${method}" ended without an answer`);
}

/** Leaving the loop cancels the call. */
export function callServerStream<Method extends ServerStreamMethod>(
  line: Multiplexer,
  method: Method,
  request: RequestInit<Method>,
  signal: AbortSignal,
): AsyncGenerator<ResponseOf<Method>, void, undefined> {
  return callAny(line, method, request, signal);
}

async function* callAny<Method extends AgentMethod>(
  line: Multiplexer,
  method: Method,
  request: RequestInit<Method>,
  signal: AbortSignal,
): AsyncGenerator<ResponseOf<Method>, void, undefined> {
  await using call = await callBidirectionalAny(line, method, request, signal);
  await call.end();
  yield* call.responses();
}

/** Dial is opened by the guest only; its other end is `DispatchedCall`. */
export function callBidirectional<Method extends BidirectionalMethod>(
  line: Multiplexer,
  method: Method,
  firstRequest: RequestInit<Method>,
  signal: AbortSignal,
): Promise<AgentCall<Method>> {
  return callBidirectionalAny(line, method, firstRequest, signal);
}

async function callBidirectionalAny<Method extends AgentMethod>(
  line: Multiplexer,
  method: Method,
  firstRequest: RequestInit<Method>,
  signal: AbortSignal,
): Promise<AgentCall<Method>> {
  try {
    signal.throwIfAborted();
    const stream = await line.open(agentMethods[method].number, encodeRequest(method, firstRequest));
    return new AgentCall(method, stream, signal);
  } catch (error) {
    throw AgentCallError.from(method, error);
  }
}

/** An open call. Disposing it cancels what has not ended yet. */
export class AgentCall<Method extends AgentMethod> implements AsyncDisposable {
  readonly #method: Method;
  readonly #stream: MultiplexStream;
  readonly #signal: AbortSignal;
  readonly #onAbort = () => void this.cancel();

  constructor(method: Method, stream: MultiplexStream, signal: AbortSignal) {
    this.#method = method;
    this.#stream = stream;
    this.#signal = signal;
    // It may have been given up while it was being opened.
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
    void stream.closed.then(() => signal.removeEventListener("abort", this.#onAbort));
  }

  /** Resolves when the message is on the line: a slow guest slows its caller down. */
  async send(request: RequestInit<Method>): Promise<void> {
    try {
      await this.#stream.send(encodeRequest(this.#method, request));
    } catch (error) {
      throw AgentCallError.from(this.#method, error);
    }
  }

  /** No more requests. */
  async end(): Promise<void> {
    try {
      await this.#stream.end();
    } catch (error) {
      throw AgentCallError.from(this.#method, error);
    }
  }

  async *responses(): AsyncGenerator<ResponseOf<Method>, void, undefined> {
    try {
      for await (const bytes of this.#stream.messages()) yield decodeResponse(this.#method, bytes);
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      throw AgentCallError.from(this.#method, error);
    } finally {
      await this.cancel();
    }
  }

  /** Ends the call for both sides; without effect when it is over. */
  async cancel(): Promise<void> {
    await this.#stream.close({ code: "CANCELLED", message: "" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }
}

// The schema table is keyed by the same name as the types: the compiler cannot follow an index that is a type parameter
// through MessageShape, hence the `as` in the three functions below.

function encodeRequest<Method extends AgentMethod>(method: Method, init: RequestInit<Method>): Uint8Array {
  const schema: DescMessage = agentSchemas[method].request;
  return toBinary(schema, create(schema, init as MessageInitShape<DescMessage>));
}

function decodeResponse<Method extends AgentMethod>(method: Method, bytes: Uint8Array): ResponseOf<Method> {
  return fromBinary(agentSchemas[method].response as DescMessage, bytes) as ResponseOf<Method>;
}
