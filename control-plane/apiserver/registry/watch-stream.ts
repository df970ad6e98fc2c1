// One watcher's stream: from a version until the time limit, the client, the server's shutdown or a version that is no longer
// remembered ends it. Holds nothing of its own but the batch in hand: a reader that stops reading falls behind in the cache's
// ring, and is told to list again when the ring has passed it.

import type { Clock } from "@atoll/base/clock";
import type { Eventual } from "@atoll/base/eventual";
import { ApiError } from "@atoll/machinery/object/api-error";
import { StoreError } from "../../store/store.ts";
import type { WatchPosition } from "../../store/watch-hub.ts";
import type { RenderOptions } from "../output/render.ts";
import { createFrameMaker, type FrameMaker, joinFrames } from "../output/watch-frames.ts";
import type { WatchMetrics, WatchSeries } from "../metrics/watch-metrics.ts";
import type { PieceSink, PouredBody } from "../request/poured-body.ts";
import { listObjects } from "./list-objects.ts";
import type { ObjectEvent, ObjectEventBatch, ResourceStore } from "./resource-store.ts";
import type { Selection } from "./selection.ts";
import { batchLines } from "./watch-lines.ts";

/** Upstream gives 30 to 60 minutes, by chance, so that not all watchers come back at once. */
const TIMEOUT_MIN_MS = 30 * 60_000;
const TIMEOUT_SPREAD_MS = 30 * 60_000;
/** How often a watcher that asked for bookmarks gets one when nothing of its own happens. */
const BOOKMARK_INTERVAL_MS = 60_000;
/** Initial events go out in pieces of about this size. */
const CHUNK_BYTES = 64 * 1024;

export interface WatchRequest {
  readonly resourceVersion: string;
  readonly withBookmarks: boolean;
  /** Undefined: as the resourceVersion implies. */
  readonly sendInitialEvents: boolean | undefined;
  /** 0: the server chooses. */
  readonly timeoutMs: number;
}

export interface WatchSetup {
  readonly store: ResourceStore;
  readonly namespace: string;
  readonly selection: Selection;
  readonly request: WatchRequest;
  readonly render: RenderOptions;
  readonly metrics: WatchMetrics;
  readonly clock: Clock;
  /** In [0, 1): spreads the time limits. */
  readonly spread: number;
  /** Aborts when the client goes away or the server shuts down. */
  readonly signal: AbortSignal;
}

/**
 * Written out as an iterator where generators would do: a hundred watchers of an event are a hundred steps of this, and
 * each generator within another makes three promises a step. Poured it makes none.
 */
export class WatchStream implements AsyncIterableIterator<Uint8Array>, PouredBody {
  readonly #setup: WatchSetup;
  readonly #version: number;
  readonly #frames: FrameMaker;
  readonly #sent: WatchSeries;
  readonly #timer: Disposable;
  #initial: AsyncGenerator<Uint8Array, number> | undefined;
  #position: WatchPosition<ObjectEvent> | undefined;
  #hasRead = false;
  #isEnded = false;
  #bookmarkDueMs: number;

  constructor(setup: WatchSetup, version: number) {
    const { request, clock, spread, signal } = setup;
    this.#setup = setup;
    this.#version = version;
    this.#frames = createFrameMaker(setup.store.kind, setup.render);
    this.#sent = setup.metrics.of(setup.store.kind.resource);
    this.#bookmarkDueMs = clock.monotonicMs() + BOOKMARK_INTERVAL_MS;
    this.#timer = clock.setTimer(request.timeoutMs || TIMEOUT_MIN_MS + TIMEOUT_SPREAD_MS * spread, this.#end);
    signal.addEventListener("abort", this.#end);
    if (signal.aborted) this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      while (!this.#isEnded) {
        const position = this.#position ?? (await this.#start());
        if (position instanceof Uint8Array) return { value: position, done: false };
        // What was read is with its reader by now; only then is there room for more.
        if (this.#hasRead) await position.pause();
        if (this.#isEnded) break;
        this.#hasRead = true;
        const read = this.#read(position);
        const bytes = read instanceof Promise ? await read : read;
        if (bytes) return { value: bytes, done: false };
      }
    } catch (error) {
      const last = this.#fail(error);
      if (last) return { value: last, done: false };
    }
    return { value: undefined, done: true };
  }

  async pour(sink: PieceSink): Promise<void> {
    try {
      while (!this.#isEnded) {
        const position = this.#position ?? (await this.#start());
        if (!(position instanceof Uint8Array)) await this.#pourEvents(position, sink);
        else if (!sink.write(position)) await sink.drained();
      }
    } catch (error) {
      const last = this.#fail(error);
      if (last) sink.write(last);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#end();
    return { value: undefined, done: true };
  }

  readonly #end = (): void => {
    this.#isEnded = true;
    this.#timer[Symbol.dispose]();
    this.#setup.signal.removeEventListener("abort", this.#end);
    this.#position?.wake();
  };

  /** Resolves at the stream's end. */
  #pourEvents(position: WatchPosition<ObjectEvent>, sink: PieceSink): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const step = () => {
      if (this.#isEnded) return ended.resolve();
      try {
        const read = this.#read(position);
        if (read instanceof Promise) read.then(write).catch(ended.reject);
        else write(read);
      } catch (error) {
        ended.reject(error);
      }
    };
    const write = (bytes: Uint8Array | undefined) => {
      if (bytes && !sink.write(bytes)) sink.drained().then(wait, ended.reject);
      else wait();
    };
    const wait = () => (this.#isEnded ? ended.resolve() : position.whenDue(due));
    const due = () => sink.whenDue(step);
    step();
    return ended.promise;
  }

  /** What has come since the last time; undefined: nothing that this watcher is told. */
  #read(position: WatchPosition<ObjectEvent>): Eventual<Uint8Array | undefined> {
    const batch = position.read();
    if (!batch) return undefined;
    const unsettled = this.#setup.store.settleEvents(batch);
    return unsettled ? unsettled.then(() => this.#render(batch)) : this.#render(batch);
  }

  /** The last frame, where the watcher is told why it ends. */
  #fail(error: unknown): Uint8Array | undefined {
    const wasEnded = this.#isEnded;
    this.#end();
    // Closed: the kind is no longer served this way, since its definition has changed or gone. Clients come back and see.
    if (wasEnded || (error instanceof StoreError && error.code === "Closed")) return undefined;
    const last = this.#frames.error(watchError(error, this.#version).toStatus());
    this.#sent.count(last.length);
    return last;
  }

  /** A piece of what is there already; after the last one the place to go on from. */
  async #start(): Promise<Uint8Array | WatchPosition<ObjectEvent>> {
    const { request, store, namespace, selection, signal } = this.#setup;
    const isNew = request.resourceVersion === "" || request.resourceVersion === "0";
    let revision = this.#version;
    if (request.sendInitialEvents ?? isNew) {
      this.#initial ??= initialEvents(this.#setup, this.#frames, this.#sent);
      const piece = await this.#initial.next();
      if (!piece.done) return piece.value;
      revision = piece.value;
    } else if (isNew) {
      revision = await store.catchUp(signal);
    }
    const range =
      selection.name === undefined ? store.rangeOf(namespace) : store.rangeOfName(namespace, selection.name);
    this.#position = store.follow(range, revision);
    return this.#position;
  }

  /** Undefined: the batch says nothing to this watcher. */
  #render(batch: ObjectEventBatch): Uint8Array | undefined {
    const { request, clock, store, selection } = this.#setup;
    const lines = batchLines(batch, selection, this.#frames, store);
    const nowMs = clock.monotonicMs();
    if (lines.length === 0 && !(request.withBookmarks && nowMs >= this.#bookmarkDueMs)) return undefined;
    this.#bookmarkDueMs = nowMs + BOOKMARK_INTERVAL_MS;
    if (lines.length === 0) lines.push(this.#frames.bookmark(batch.revision, { endsInitialEvents: false }));
    for (const line of lines) this.#sent.count(line.length);
    return joinFrames(lines);
  }
}

async function* initialEvents(
  setup: WatchSetup,
  frames: FrameMaker,
  sent: WatchSeries,
): AsyncGenerator<Uint8Array, number> {
  const { store, namespace, selection, request } = setup;
  // A streaming list must be as new as a list would be; version "0" takes what the cache has.
  const resourceVersion = request.resourceVersion;
  const list = await listObjects(store, namespace, selection, {
    limit: 0,
    continueToken: "",
    resourceVersion,
    resourceVersionMatch: resourceVersion === "" || resourceVersion === "0" ? "" : "NotOlderThan",
  });
  let chunk: Uint8Array[] = [];
  let bytes = 0;
  for (const item of list.items) {
    const line = frames.event("ADDED", item);
    chunk.push(line);
    sent.count(line.length);
    bytes += line.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(chunk);
    chunk = [];
    bytes = 0;
  }
  if (request.sendInitialEvents && request.withBookmarks) {
    const bookmark = frames.bookmark(list.revision, { endsInitialEvents: true });
    chunk.push(bookmark);
    sent.count(bookmark.length);
  }
  if (chunk.length > 0) yield Buffer.concat(chunk);
  return list.revision;
}

function watchError(error: unknown, version: number): ApiError {
  if (error instanceof StoreError && error.code === "Compacted") {
    return new ApiError("Expired", `too old resource version: ${version}`, { cause: error });
  }
  return ApiError.from(error);
}
