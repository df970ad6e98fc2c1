// To a pod through its host: the pods' network is the hosts' own, and this server stands outside of it. The host's
// port-forwarding carries one connection into the pod, as it does for `kubectl port-forward`.

import { once } from "node:events";
import { Duplex } from "node:stream";
import { Pod } from "@atoll/api/core/pod/kind";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { SpdyConnection, type SpdyStream } from "@atoll/base/node/spdy/connection";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import type { ResourceTable } from "../registry/resource-table.ts";
import { findNodeEndpoint, type NodeEndpoint } from "../streaming/node-endpoint.ts";
import type { Dial } from "./dial.ts";
import type { Backend, PodName } from "./service-addresses.ts";

/** A host's answer to an upgrade is some lines; more is no answer. */
const ANSWER_BYTES_MAX = 16 * 1024;
const NOT_FORWARDED = "The host did not forward the port in time";
const HEAD_END = "\r\n\r\n";

/** For all that a host does until a connection into its pod is open; as long as a connection to an address may take. */
const CONNECT_TIMEOUT_MS = 30_000;

/** How a host is reached: the one thing that is needed of a NodeClient. */
export interface NodeConnections {
  connect(endpoint: NodeEndpoint, signal: AbortSignal): Promise<Duplex>;
}

/** Backends that are pods through their hosts, all others as `direct` does it. */
export function hostDial(
  resources: ResourceTable,
  nodeClient: NodeConnections,
  { direct, clock }: { readonly direct: Dial; readonly clock: Clock },
): Dial {
  return async (backend, signal) => {
    const { pod } = backend;
    if (!pod) return direct(backend, signal);
    const late = new AbortController();
    using _deadline = clock.setTimer(CONNECT_TIMEOUT_MS, () => late.abort(new Error(NOT_FORWARDED)));
    return await dialPod(resources, nodeClient, { ...backend, pod }, AbortSignal.any([signal, late.signal]));
  };
}

async function dialPod(
  resources: ResourceTable,
  nodeClient: NodeConnections,
  { pod, port }: Backend & { readonly pod: PodName },
  signal: AbortSignal,
): Promise<Duplex> {
  const pods = resources.of(Pod);
  const key = pods.keyOf(pod.namespace, pod.name);
  const stored = pods.peek(key) ?? (await pods.get(key));
  if (!stored) throw notFound({ group: "", name: "pods" }, pod.name);
  const { nodeName } = (stored.object as Pod).spec ?? {}; // the store holds Pods only
  if (!nodeName) throw new ApiError("ServiceUnavailable", `pod ${pod.name} does not have a host assigned`);
  const endpoint = await findNodeEndpoint(resources, nodeName);
  signal.throwIfAborted();
  const socket = await nodeClient.connect(endpoint, signal);
  try {
    const path = `/portForward/${encodeURIComponent(pod.namespace)}/${encodeURIComponent(pod.name)}`;
    await upgrade(socket, { host: `${endpoint.host}:${endpoint.port}`, path, signal });
    const connection = new SpdyConnection(socket, { role: "client" });
    const headers = { port: String(port), requestid: "0" };
    const error = await connection.open({ ...headers, streamtype: "error" });
    // We have nothing to say there.
    await error.end();
    const data = await connection.open({ ...headers, streamtype: "data" });
    return new ForwardedSocket(connection, { data, error });
  } catch (cause) {
    socket.destroy();
    // Node's waits say only that they were ended, not why.
    throw signal.aborted ? signal.reason : cause;
  }
}

async function upgrade(
  socket: Duplex,
  { host, path, signal }: { readonly host: string; readonly path: string; readonly signal: AbortSignal },
): Promise<void> {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: SPDY/3.1",
    "X-Stream-Protocol-Version: portforward.k8s.io",
    "Content-Length: 0",
  ];
  socket.write(lines.join("\r\n") + HEAD_END);
  let answer = Buffer.alloc(0);
  while (!answer.includes(HEAD_END)) {
    if (answer.length > ANSWER_BYTES_MAX) throw new Error("The host's answer is too long");
    answer = Buffer.concat([answer, await nextPiece(socket, signal)]);
  }
  const end = answer.indexOf(HEAD_END) + HEAD_END.length;
  const [status = ""] = answer.subarray(0, end).toString("latin1").split("\r\n", 1);
  if (!/^HTTP\/1\.1 101 /.test(status)) throw new Error(`The host does not forward ports: ${status}`);
  if (answer.length > end) socket.unshift(answer.subarray(end));
}

/** Rejects when the host has ended the connection, or the client has gone. */
async function nextPiece(socket: Duplex, signal: AbortSignal): Promise<Buffer> {
  const ended = new AbortController();
  const end = () => ended.abort(new Error("The host has ended the connection"));
  if (socket.readableEnded || socket.destroyed) end();
  socket.once("end", end).once("close", end);
  try {
    const piece = once(socket, "data", { signal: AbortSignal.any([ended.signal, signal]) });
    // It was paused after the piece before.
    socket.resume();
    const [chunk] = (await piece) as [Buffer]; // sockets without an encoding give buffers
    socket.pause();
    return chunk;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    socket.off("end", end).off("close", end);
  }
}

/** One forwarded connection as the socket that it stands for. */
class ForwardedSocket extends Duplex {
  readonly #connection: SpdyConnection;
  readonly #data: SpdyStream;
  readonly #received: AsyncIterator<Uint8Array>;

  constructor(connection: SpdyConnection, { data, error }: { readonly data: SpdyStream; readonly error: SpdyStream }) {
    super();
    this.#connection = connection;
    this.#data = data;
    this.#received = data.readable[Symbol.asyncIterator]();
    // Whoever uses it listens too, but it may fail before it is handed over: an error that nobody hears would end the server.
    this.on("error", () => {});
    void this.#watchErrors(error);
  }

  override _read(): void {
    this.#received.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: unknown) => this.destroy(toError(error)),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#data.write(chunk).then(
      () => done(),
      (error: unknown) => done(toError(error)),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#data.end().then(
      () => done(),
      (error: unknown) => done(toError(error)),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    void this.#connection[Symbol.asyncDispose]().then(() => done(error));
  }

  /** The host says on the other stream why the pod does not take the connection. */
  async #watchErrors(stream: SpdyStream): Promise<void> {
    try {
      let text = "";
      for await (const bytes of stream.readable) text += Buffer.from(bytes).toString();
      if (text !== "") this.destroy(new Error(text.trim()));
    } catch (error) {
      this.destroy(toError(error));
    }
  }
}
