// The serving end of the methods: the fake guest answers calls with it, and hosts answer the guest's Dial.

import type { AcceptStream } from "@atoll/base/multiplex/multiplexer";
import type { MultiplexStream } from "@atoll/base/multiplex/stream";
import { StreamError, type StreamStatus } from "@atoll/base/multiplex/stream-status";
import { describeError } from "@atoll/base/errors";
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { agentSchemas, type RequestOf, type ResponseInit } from "./client.ts";
import { type AgentMethod, agentMethods } from "./methods.ts";

/** A call as its server sees it. Returning ends it with OK, throwing a StreamError with that status. */
export interface ServedCall<Method extends AgentMethod> {
  /** Ends when the caller ends its half. */
  readonly requests: AsyncGenerator<RequestOf<Method>, void, undefined>;
  respond(response: ResponseInit<Method>): Promise<void>;
  /** Aborts when the call is over, by whatever side. */
  readonly signal: AbortSignal;
}

export type AgentHandlers = {
  readonly [Method in AgentMethod]?: (call: ServedCall<Method>) => Promise<void>;
};

/** What to give a Multiplexer as `accept`. */
export function serveAgent(handlers: AgentHandlers): AcceptStream {
  return (stream) => void serveStream(handlers, stream);
}

async function serveStream(handlers: AgentHandlers, stream: MultiplexStream): Promise<void> {
  const method = agentMethodOf(stream.method);
  // Each handler takes the call of its own method; a union of functions cannot say so.
  const handler = method && (handlers[method] as ((call: ServedCall<AgentMethod>) => Promise<void>) | undefined);
  if (!method || !handler) {
    await stream.close({ code: "UNIMPLEMENTED", message: `Method ${stream.method} is not served here` });
    return;
  }
  const over = new AbortController();
  void stream.closed.then((status) => over.abort(new StreamError(status.code, status.message || "Call is over")));
  const response: DescMessage = agentSchemas[method].response;
  let status: StreamStatus = { code: "OK", message: "" };
  try {
    await handler({
      requests: decodeRequests(method, stream),
      respond: (init) => stream.send(toBinary(response, create(response, init as MessageInitShape<DescMessage>))),
      signal: over.signal,
    });
  } catch (error) {
    status = { code: error instanceof StreamError ? error.code : "INTERNAL", message: describeError(error) };
  }
  await stream.close(status);
}

async function* decodeRequests<Method extends AgentMethod>(
  method: Method,
  stream: MultiplexStream,
): AsyncGenerator<RequestOf<Method>, void, undefined> {
  const schema: DescMessage = agentSchemas[method].request;
  for await (const bytes of stream.messages()) {
    let request: RequestOf<Method>;
    try {
      // As in `client.ts`: the schema table and the types have the same keys.
      request = fromBinary(schema, bytes) as RequestOf<Method>;
    } catch (error) {
      throw new StreamError("INVALID_ARGUMENT", `Message is not a ${schema.name}`, { cause: error });
    }
    yield request;
  }
}

function agentMethodOf(number: number): AgentMethod | undefined {
  for (const [name, definition] of Object.entries(agentMethods)) {
    // Object.entries forgets that the keys are the table's own.
    if (definition.number === number) return name as AgentMethod;
  }
  return undefined;
}

/** The first request of a call; INVALID_ARGUMENT when the caller ended without one. */
export async function firstRequest<Method extends AgentMethod>(call: ServedCall<Method>): Promise<RequestOf<Method>> {
  const first = await call.requests.next();
  if (first.done) throw new StreamError("INVALID_ARGUMENT", "Call ended before its first message");
  return first.value;
}
