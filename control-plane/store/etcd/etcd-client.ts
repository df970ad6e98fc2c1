// Calls to an etcd cluster. One endpoint is used until it fails, then the next one; what is sure not to have been done is
// tried again there, everything else is the caller's to judge. A call that never ends would hold its caller for ever, so
// each has a limit.

import { type DescMethodBiDiStreaming, type DescMethodUnary, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethod, MessageShape } from "@bufbuild/protobuf";
import {
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import type { Clock } from "@atoll/base/clock";
import { closedError } from "../validation.ts";
import { isServiceError, isUnsent, isWorthAnotherTry, toStoreError } from "./etcd-error.ts";

/** For the answer to one call; etcd's own limit for a proposal is 7 s, after which it says so itself. */
const CALL_TIMEOUT_MS = 10_000;

/** Waits before a call is tried again: enough for a member to be restarted by its supervisor or a leader to be elected. */
const RETRY_DELAYS_MS = [10, 100, 500, 1_000];

const CHANNEL_OPTIONS: ChannelOptions = {
  // A dead peer is noticed within this and the next, also by a watch that waits for hours.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  // etcd limits what it sends by what it stores; a limit of ours could only make data unreadable.
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.min_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // Each store has connections of its own, so that closing one does not depend on another.
  "grpc.use_local_subchannel_pool": 1,
};

export interface EtcdTls {
  /** PEM: whom to believe. */
  readonly authority: Uint8Array;
  /** PEM: who we are. */
  readonly certificate?: Uint8Array | undefined;
  readonly key?: Uint8Array | undefined;
}

export interface EtcdClientOptions {
  /** "host:port" of the members' client addresses. */
  readonly endpoints: readonly string[];
  /** Undefined: without TLS. */
  readonly tls?: EtcdTls | undefined;
  readonly clock: Clock;
}

export type CallKind =
  /** May be done twice. */
  | "read"
  /** Must not be done twice: tried again only when it is sure not to have been done. */
  | "write";

export class EtcdClient implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #clients: readonly Client[];
  readonly #running = new Set<Promise<unknown>>();
  #current = 0;
  #isClosed = false;

  constructor({ endpoints, tls, clock }: EtcdClientOptions) {
    this.#clock = clock;
    const identity = tls
      ? credentials.createSsl(bufferOf(tls.authority), bufferOf(tls.key), bufferOf(tls.certificate))
      : credentials.createInsecure();
    this.#clients = endpoints.map((endpoint) => new Client(endpoint, identity, CHANNEL_OPTIONS));
  }

  /** Throws StoreError; `attempt` is what its message says was tried. */
  call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    { attempt, kind }: { readonly attempt: string; readonly kind: CallKind },
  ): Promise<MessageShape<O>> {
    if (this.#isClosed) return Promise.reject(closedError());
    const running = this.#callUntilDone(method, request, attempt, kind);
    this.#running.add(running);
    const forget = () => this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }

  /** A stream to the endpoint in use; ends with the signal. The caller reports its failure with `onStreamFailed`. */
  openStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodBiDiStreaming<I, O>,
    signal: AbortSignal,
  ): ClientDuplexStream<MessageShape<I>, MessageShape<O>> {
    if (this.#isClosed) throw closedError();
    // A member that has lost its leader would hold a stream open and say nothing; so it ends it instead.
    const metadata = new Metadata();
    metadata.set("hasleader", "true");
    const stream = this.#client().makeBidiStreamRequest(
      pathOf(method),
      (message: MessageShape<I>) => asBuffer(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, plainBytes(bytes)),
      metadata,
      {},
    );
    const cancel = () => stream.cancel();
    if (signal.aborted) cancel();
    signal.addEventListener("abort", cancel, { once: true });
    stream.once("close", () => signal.removeEventListener("abort", cancel));
    return stream;
  }

  onStreamFailed(error: ServiceError): void {
    if (isWorthAnotherTry(error)) this.#useNext(this.#client());
  }

  /** Waits for the calls under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
    for (const client of this.#clients) client.close();
  }

  async #callUntilDone<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
    attempt: string,
    kind: CallKind,
  ): Promise<MessageShape<O>> {
    for (let failures = 0; ; failures++) {
      const client = this.#client();
      try {
        return await this.#callOnce(client, method, request);
      } catch (error) {
        if (!isServiceError(error)) throw error;
        const unsent = isUnsent(error, wasConnected(client, error));
        if (isWorthAnotherTry(error)) this.#useNext(client);
        const delayMs = RETRY_DELAYS_MS[failures];
        const mayRepeat = isWorthAnotherTry(error) && (kind === "read" || unsent);
        if (!mayRepeat || delayMs === undefined || this.#isClosed) {
          throw toStoreError(attempt, error, {
            mayHaveHappened: kind === "write" && !unsent && isWorthAnotherTry(error),
          });
        }
        await this.#clock.sleep(delayMs);
      }
    }
  }

  #callOnce<I extends DescMessage, O extends DescMessage>(
    client: Client,
    method: DescMethodUnary<I, O>,
    request: MessageShape<I>,
  ): Promise<MessageShape<O>> {
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest(
        pathOf(method),
        (message: MessageShape<I>) => asBuffer(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, plainBytes(bytes)),
        request,
        (error, response) => {
          timer[Symbol.dispose]();
          if (response) resolve(response);
          else reject(error);
        },
      );
      const timer = this.#clock.setTimer(CALL_TIMEOUT_MS, () => call.cancel());
    });
  }

  #client(): Client {
    const client = this.#clients[this.#current];
    if (!client) throw new TypeError("An etcd client needs an endpoint");
    return client;
  }

  /** Calls that failed together at one endpoint must not each move on by one. */
  #useNext(failed: Client): void {
    if (failed === this.#client()) this.#current = (this.#current + 1) % this.#clients.length;
  }
}

/** Whether the call may have left this process: a channel without a connection says so itself. */
function wasConnected(client: Client, { details }: ServiceError): boolean {
  if (details.startsWith("No connection established")) return false;
  if (details.startsWith("Name resolution failed")) return false;
  return client.getChannel().getConnectivityState(false) !== connectivityState.CONNECTING;
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function bufferOf(bytes: Uint8Array | undefined): Buffer | null {
  return bytes ? asBuffer(bytes) : null;
}

/** Not a Buffer, nor are then the values inside. */
function plainBytes(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
