// The store's end of the writer's thread. Commands that arrive while a group is being synced wait and become the next
// group together: one sync serves all of them, which is what makes full durability affordable (decision 0010).

import { Worker } from "node:worker_threads";
import { StoreError, type StoreEvent } from "../store.ts";
import { closedError } from "../validation.ts";
import { eventsOfGroup } from "./group-events.ts";
import type { Command, CommandResult, FromWriter, GroupReply, LeaseRow, ToWriter, WriterOptions } from "./messages.ts";

/** Commands of one group: bounds how long the first of them waits for the last. */
const GROUP_COMMANDS_MAX = 512;

/** Bytes of one group; a single transaction at its limit always fits. */
const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/** Commands that may wait; at a thousand writes a second this is what a caller would wait ten seconds for. */
const WAITING_COMMANDS_MAX = 10_000;

/** Bytes that may wait, so that a stalled medium does not fill the memory. */
const WAITING_BYTES_MAX = 128 * 1024 * 1024;

interface Waiting {
  readonly command: Command;
  readonly bytes: number;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: StoreError) => void;
}

export interface WriterListener {
  /** A group is on the medium; hears of it before its callers do. `events` undefined: to be read from the file. */
  onWritten(revision: number, events: readonly StoreEvent[] | undefined): void;
  /** The thread has ended by itself: nothing can be written any more. */
  onFailed(error: StoreError): void;
}

type Ready = Extract<FromWriter, { readonly type: "ready" }>;

export class WriterClient implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #listener: WriterListener;
  readonly #exited: Promise<void>;
  /** What the file held when it was opened. */
  readonly revision: number;
  readonly leases: readonly LeaseRow[];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #underWay: readonly Waiting[] | undefined;
  #sendsSoon = false;
  #scrubs: boolean;
  #isDraining = false;
  #onIdle: (() => void) | undefined;
  #ended: StoreError | undefined;

  /** Opens the file in a new thread. */
  static async start(options: WriterOptions, listener: WriterListener): Promise<WriterClient> {
    const worker = new Worker(new URL("./writer-thread.ts", import.meta.url), { workerData: options });
    return new WriterClient(worker, await untilReady(worker), listener);
  }

  private constructor(worker: Worker, ready: Ready, listener: WriterListener) {
    this.#worker = worker;
    this.#listener = listener;
    this.revision = ready.revision;
    this.leases = ready.leases;
    this.#scrubs = ready.scrubs;
    let cause: unknown;
    worker.on("error", (error) => {
      cause = error;
    });
    this.#exited = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#end(new StoreError("Unavailable", "Writer's thread of the store has ended", { cause }));
        resolve();
      });
    });
    worker.on("message", (message: FromWriter) => {
      if (message.type === "written" || message.type === "failed") this.#settle(message);
    });
    this.#sendNext();
  }

  /** Resolves when the command is on the medium; a refusal is a result, a failure of the medium an error. */
  submit(command: Command): Promise<CommandResult> {
    if (this.#ended) return Promise.reject(this.#ended);
    const bytes = bytesOf(command);
    if (this.#waiting.length >= WAITING_COMMANDS_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      const message = `Write to the store: ${this.#waiting.length} commands wait already`;
      return Promise.reject(new StoreError("Unavailable", message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#sendSoon();
    });
  }

  /** Resolves when everything submitted is settled. Nothing may be submitted from then on. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#scrubs = false;
    if (this.#ended || !(this.#underWay || this.#waiting.length > 0)) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Writes what waits, then closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    this.#ended ??= closedError();
    this.#send({ type: "close" });
    await this.#exited;
  }

  /** At the end of the turn: what clients ask for at the same time is one group, not a group of one and one of the others. */
  #sendSoon(): void {
    if (this.#underWay || this.#sendsSoon) return;
    this.#sendsSoon = true;
    setImmediate(() => {
      this.#sendsSoon = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    if (this.#underWay || this.#ended) return;
    if (this.#scrubs) {
      // After every group one scrub, before the next group: forgetting must not starve where writes never pause.
      this.#scrubs = false;
      const ignore = () => {};
      this.#sendGroup([{ command: { type: "scrub" }, bytes: 0, resolve: ignore, reject: ignore }]);
    } else if (this.#waiting.length > 0) {
      this.#sendGroup(this.#takeGroup());
    } else {
      this.#onIdle?.();
    }
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      bytes += waiting.bytes;
      if (count > 0 && (count >= GROUP_COMMANDS_MAX || bytes > GROUP_BYTES_MAX)) break;
      count++;
    }
    const group = this.#waiting.splice(0, count);
    for (const waiting of group) this.#waitingBytes -= waiting.bytes;
    return group;
  }

  #sendGroup(group: readonly Waiting[]): void {
    this.#underWay = group;
    this.#send({ type: "group", commands: group.map(({ command }) => command) });
  }

  #send(message: ToWriter): void {
    this.#worker.postMessage(message);
  }

  #settle(reply: GroupReply): void {
    const group = this.#underWay ?? [];
    this.#underWay = undefined;
    if (reply.type === "written") {
      const wasScrub = group[0]?.command.type === "scrub";
      const commands = group.map(({ command }) => command);
      this.#listener.onWritten(reply.revision, eventsOfGroup(commands, reply.results));
      reply.results.forEach((result, index) => {
        group[index]?.resolve(result);
      });
      // With nobody waiting, scrubs follow each other; else groups and scrubs take turns.
      this.#scrubsNext(reply.scrubs, wasScrub);
    } else {
      // A failed scrub is tried again after the next group that could be written.
      const error = new StoreError("Unavailable", `Write to the store: ${reply.message}`);
      for (const waiting of group) waiting.reject(error);
    }
    this.#sendNext();
  }

  #scrubsNext(isPending: boolean, wasScrub: boolean): void {
    const mayScrub = !this.#isDraining && (!wasScrub || this.#waiting.length === 0);
    this.#scrubs = isPending && mayScrub;
  }

  #end(error: StoreError): void {
    if (!this.#ended) this.#listener.onFailed(error);
    this.#ended ??= error;
    for (const waiting of [...(this.#underWay ?? []), ...this.#waiting]) waiting.reject(this.#ended);
    this.#underWay = undefined;
    this.#waiting = [];
    this.#onIdle?.();
  }
}

function untilReady(worker: Worker): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new StoreError("Unavailable", "Writer's thread of the store has ended at its start"));
    worker.once("error", reject);
    worker.once("exit", onExit);
    worker.once("message", (message: FromWriter) => {
      worker.off("error", reject);
      worker.off("exit", onExit);
      if (message.type === "ready") resolve(message);
      else if (message.type === "refused") {
        // The file is free again only when the thread is gone.
        worker.once("exit", () => reject(new StoreError(message.code, message.message)));
      }
    });
  });
}

function bytesOf(command: Command): number {
  if (command.type !== "transact") return 0;
  let bytes = 0;
  for (const write of command.transaction.writes) bytes += write.type === "put" ? write.value.byteLength : 0;
  return bytes;
}
