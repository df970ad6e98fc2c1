import { connect, type Socket } from "node:net";
import { toError } from "@atoll/base/errors";
import { VmmError } from "../vmm.ts";

/** Of one line that QEMU says; answers of ours are a few hundred bytes, a console's end 64 KiB and its escapes. */
const LINE_BYTES_MAX = 1_048_576;

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to a monitor's QMP socket (QEMU's own JSON protocol: one object a line). Answers come in the order of the
 * commands, events in between. QEMU serves one connection at a time.
 */
export class QmpClient implements Disposable {
  /** Resolves when the connection is gone: QEMU ended, or was taken away from us. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #onEvent: (event: QmpEvent) => void;
  readonly #waiting: Waiting[] = [];
  readonly #greeted = Promise.withResolvers<void>();
  readonly #closedResolvers = Promise.withResolvers<void>();
  #text = "";
  #isClosed = false;

  private constructor(socket: Socket, onEvent: (event: QmpEvent) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    this.closed = this.#closedResolvers.promise;
    this.#greeted.promise.catch(() => {});
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end(new Error("Connection is closed")));
  }

  /** Connects and is ready for commands. */
  static async connect(
    path: string,
    options: { readonly signal: AbortSignal; readonly onEvent: (event: QmpEvent) => void },
  ): Promise<QmpClient> {
    options.signal.throwIfAborted();
    const socket = connect({ path });
    const client = new QmpClient(socket, options.onEvent);
    const onAbort = () => client.#end(toError(options.signal.reason));
    options.signal.addEventListener("abort", onAbort, { once: true });
    try {
      await client.#greeted.promise;
      await client.execute("qmp_capabilities");
      return client;
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    } finally {
      options.signal.removeEventListener("abort", onAbort);
    }
  }

  async execute(command: string, commandArguments?: object): Promise<unknown> {
    if (this.#isClosed) throw new VmmError("Unavailable", `Monitor command "${command}": connection is closed`);
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: commandArguments ?? {} })}\n`);
    });
  }

  [Symbol.dispose](): void {
    this.#end(new Error("Connection was given up"));
  }

  #take(text: string): void {
    this.#text += text;
    if (this.#text.length > LINE_BYTES_MAX) {
      this.#end(new Error("Monitor said too much in one line"));
      return;
    }
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#takeLine(line);
  }

  #takeLine(line: string): void {
    let said: Record<string, unknown>;
    try {
      // One shape or another of QMP; each member is looked at before it is used.
      said = JSON.parse(line) as Record<string, unknown>;
    } catch (error) {
      this.#end(toError(error));
      return;
    }
    if ("QMP" in said) this.#greeted.resolve();
    else if (typeof said.event === "string") {
      this.#onEvent({ event: said.event, data: (said.data ?? {}) as Record<string, unknown> });
    } else if ("return" in said) this.#waiting.shift()?.resolve(said.return);
    else if ("error" in said) {
      const waiting = this.#waiting.shift();
      const { desc } = (said.error ?? {}) as { desc?: unknown };
      waiting?.reject(new VmmError("Unavailable", `Monitor command "${waiting.command}": ${String(desc)}`));
    }
  }

  #end(error: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#greeted.reject(error);
    for (const waiting of this.#waiting.splice(0)) {
      waiting.reject(new VmmError("Unavailable", `Monitor command "${waiting.command}"`, { cause: error }));
    }
    this.#closedResolvers.resolve();
  }
}
