// The methods of the guest agent, as data: their numbers on the wire, the messages they take and give, and who may call.
// The Rust end has the same table in `guest/channel/src/methods.rs`; `golden/methods.json` holds the two together.

export const AGENT_PORT_NAME = "atoll.agent";

/** unary: one message each way. serverStream: one request, many answers. bidirectional: many each way. */
export type MethodShape = "unary" | "serverStream" | "bidirectional";

export interface MethodDefinition {
  readonly number: number;
  readonly shape: MethodShape;
  readonly caller: "host" | "guest";
  /** Message names of package atoll.guestagent.v1. */
  readonly request: string;
  readonly response: string;
}

export const agentMethods = {
  hello: { number: 1, shape: "unary", caller: "host", request: "Empty", response: "HelloResponse" },
  prepare: { number: 2, shape: "unary", caller: "host", request: "PrepareRequest", response: "Empty" },
  setVolume: { number: 3, shape: "unary", caller: "host", request: "SetVolumeRequest", response: "Empty" },
  startPod: { number: 4, shape: "unary", caller: "host", request: "StartPodRequest", response: "Empty" },
  stopPod: { number: 5, shape: "unary", caller: "host", request: "StopPodRequest", response: "Empty" },
  watchPod: { number: 6, shape: "serverStream", caller: "host", request: "Empty", response: "PodStatus" },
  watchEvents: { number: 7, shape: "serverStream", caller: "host", request: "Empty", response: "PodEvent" },
  exec: { number: 8, shape: "bidirectional", caller: "host", request: "ProcessInput", response: "ProcessOutput" },
  attach: { number: 9, shape: "bidirectional", caller: "host", request: "ProcessInput", response: "ProcessOutput" },
  readLog: { number: 10, shape: "serverStream", caller: "host", request: "ReadLogRequest", response: "LogChunk" },
  portForward: { number: 11, shape: "bidirectional", caller: "host", request: "PortForwardInput", response: "Bytes" },
  stats: { number: 12, shape: "unary", caller: "host", request: "Empty", response: "StatsResponse" },
  shutdown: { number: 13, shape: "unary", caller: "host", request: "Empty", response: "Empty" },
  pullImage: {
    number: 32,
    shape: "serverStream",
    caller: "host",
    request: "PullImageRequest",
    response: "PullImageResponse",
  },
  dial: { number: 64, shape: "bidirectional", caller: "guest", request: "DialInput", response: "Bytes" },
} as const satisfies Record<string, MethodDefinition>;

export type AgentMethod = keyof typeof agentMethods;
