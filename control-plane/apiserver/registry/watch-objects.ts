// WATCH: a stream of lines that starts at a version and ends with the time limit, the client, the server's shutdown or a
// version that is no longer remembered. Holds nothing of its own but the batch in hand: a reader that stops reading falls
// behind in the cache's ring, and is told to list again when the ring has passed it.

import type { WatchEventType } from "@atoll/api/meta/types";
import type { Clock } from "@atoll/base/clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { StoreError } from "../../store/store.ts";
import type { WatchPosition } from "../../store/watch-hub.ts";
import { createFrameMaker, type FrameMaker } from "../output/watch-frames.ts";
import { queryInteger } from "../request/query-integer.ts";
import type { RenderOptions } from "../output/render.ts";
import { listObjects, parseResourceVersion, waitForVersion } from "./list-objects.ts";
import type { ObjectEvent, ObjectEventBatch, ResourceStore } from "./resource-store.ts";
import { mayMatch, type Selection } from "./selection.ts";
import type { StoredObject } from "./stored-object.ts";

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

export function readWatchRequest(query: URLSearchParams): WatchRequest {
  const initial = query.get("sendInitialEvents");
  const match = query.get("resourceVersionMatch") ?? "";
  if (initial !== null && match !== "NotOlderThan") {
    throw new ApiError(
      "Invalid",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  if (initial === null && match !== "") {
    throw new ApiError(
      "Invalid",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  const timeoutSeconds = queryInteger(query, "timeoutSeconds") ?? 0;
  queryInteger(query, "limit");
  return {
    resourceVersion: query.get("resourceVersion") ?? "",
    withBookmarks: query.get("allowWatchBookmarks") === "true" || query.get("allowWatchBookmarks") === "1",
    sendInitialEvents: initial === null ? undefined : initial === "true" || initial === "1",
    timeoutMs: Math.max(0, timeoutSeconds) * 1000,
  };
}

export interface WatchSetup {
  readonly store: ResourceStore;
  readonly namespace: string;
  readonly selection: Selection;
  readonly request: WatchRequest;
  readonly render: RenderOptions;
  readonly clock: Clock;
  /** In [0, 1): spreads the time limits. */
  readonly spread: number;
  /** Aborts when the client goes away or the server shuts down. */
  readonly signal: AbortSignal;
}

/** Checks what can be refused with a status of its own before the stream starts. */
export async function openWatch(setup: WatchSetup): Promise<AsyncIterable<Uint8Array>> {
  const version = parseResourceVersion(setup.request.resourceVersion);
  if (version > 0) await waitForVersion(setup.store, version, setup.signal);
  return new WatchStream(setup, version);
}

/**
 * Written out as an iterator where generators would do: a hundred watchers of an event are a hundred steps of this, and
 * each generator within another makes three promises a step.
 */
class WatchStream implements AsyncIterableIterator<Uint8Array> {
  readonly #setup: WatchSetup;
  readonly #version: number;
  readonly #frames: FrameMaker;
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
        const batch = position.read();
        const unsettled = batch && this.#setup.store.settleEvents(batch);
        if (unsettled) await unsettled;
        const bytes = batch && this.#render(batch);
        if (bytes) return { value: bytes, done: false };
      }
    } catch (error) {
      const wasEnded = this.#isEnded;
      this.#end();
      // Closed: the kind is no longer served this way, since its definition has changed or gone. Clients come back and see.
      if (!wasEnded && !(error instanceof StoreError && error.code === "Closed")) {
        return { value: this.#frames.error(watchError(error, this.#version).toStatus()), done: false };
      }
    }
    return { value: undefined, done: true };
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

  /** A piece of what is there already; after the last one the place to go on from. */
  async #start(): Promise<Uint8Array | WatchPosition<ObjectEvent>> {
    const { request, store, namespace, selection, signal } = this.#setup;
    const isNew = request.resourceVersion === "" || request.resourceVersion === "0";
    let revision = this.#version;
    if (request.sendInitialEvents ?? isNew) {
      this.#initial ??= initialEvents(this.#setup, this.#frames);
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
    if (lines.length === 0) return this.#frames.bookmark(batch.revision, { endsInitialEvents: false });
    return lines.length === 1 && lines[0] ? lines[0] : Buffer.concat(lines);
  }
}

async function* initialEvents(setup: WatchSetup, frames: FrameMaker): AsyncGenerator<Uint8Array, number> {
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
    bytes += line.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(chunk);
    chunk = [];
    bytes = 0;
  }
  if (request.sendInitialEvents && request.withBookmarks) {
    chunk.push(frames.bookmark(list.revision, { endsInitialEvents: true }));
  }
  if (chunk.length > 0) yield Buffer.concat(chunk);
  return list.revision;
}

function batchLines(
  batch: ObjectEventBatch,
  selection: Selection,
  frames: FrameMaker,
  store: ResourceStore,
): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (const event of batch.events) {
    const seen = seenBy(event, selection, store);
    if (seen) lines.push(frames.event(seen.type, seen.stored, event));
  }
  return lines;
}

/** What an event is to somebody who sees only what the selection matches: an object may come into view and leave it. */
function seenBy(
  event: ObjectEvent,
  selection: Selection,
  store: ResourceStore,
): { readonly type: WatchEventType; readonly stored: StoredObject } | undefined {
  const { type, item, previous } = event;
  const isSeen = (stored: StoredObject) =>
    selection.isEverything || (mayMatch(selection, stored.key) && selection.matches(stored.object));
  const isIn = type === "put" && isSeen(item.decoded);
  const wasIn = previous !== undefined && isSeen(previous.decoded);
  if (isIn) return { type: wasIn ? "MODIFIED" : "ADDED", stored: item.decoded };
  if (!wasIn) return undefined;
  // The cache shows a deleted object with the deletion's version; one that only left the view has to be stamped here.
  return { type: "DELETED", stored: type === "delete" ? item.decoded : lastState(event, previous.decoded, store) };
}

const lastStates = new WeakMap<ObjectEvent, StoredObject>();

/** The state before the event, with the event's version, as DELETED shows it; made once per event. */
function lastState(event: ObjectEvent, previous: StoredObject, store: ResourceStore): StoredObject {
  let state = lastStates.get(event);
  if (!state) {
    state = store.codec.restamp(previous, event.revision);
    lastStates.set(event, state);
  }
  return state;
}

function watchError(error: unknown, version: number): ApiError {
  if (error instanceof StoreError && error.code === "Compacted") {
    return new ApiError("Expired", `too old resource version: ${version}`, { cause: error });
  }
  return ApiError.from(error);
}
