// WATCH: a stream of lines that starts at a version and ends with the time limit, the client, the server's shutdown or a
// version that is no longer remembered. Holds nothing of its own but the batch in hand: a reader that stops reading falls
// behind in the cache's ring, and is told to list again when the ring has passed it.

import type { WatchEventType } from "@atoll/api/meta/types";
import type { Clock } from "@atoll/base/clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { StoreError } from "../../store/store.ts";
import { createFrameMaker, type FrameMaker } from "../output/watch-frames.ts";
import type { RenderOptions } from "../output/render.ts";
import { listObjects, parseResourceVersion, waitForVersion } from "./list-objects.ts";
import type { ObjectEvent, ObjectEventBatch, ResourceStore } from "./resource-store.ts";
import type { Selection } from "./selection.ts";
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
  const timeoutSeconds = Number(query.get("timeoutSeconds") ?? 0);
  if (!Number.isFinite(timeoutSeconds)) throw new ApiError("BadRequest", "timeoutSeconds: must be a whole number");
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
  return streamWatch(setup, version);
}

async function* streamWatch(setup: WatchSetup, version: number): AsyncGenerator<Uint8Array> {
  const { request, clock, store } = setup;
  const frames = createFrameMaker(store.kind, setup.render);
  const ended = new AbortController();
  using _timer = clock.setTimer(request.timeoutMs || TIMEOUT_MIN_MS + TIMEOUT_SPREAD_MS * setup.spread, () =>
    ended.abort(),
  );
  const signal = AbortSignal.any([setup.signal, ended.signal]);
  try {
    const isNew = request.resourceVersion === "" || request.resourceVersion === "0";
    const withInitial = request.sendInitialEvents ?? isNew;
    let revision = version;
    if (withInitial) revision = yield* initialEvents(setup, frames);
    else if (isNew) revision = await store.catchUp(signal);
    yield* liveEvents(setup, frames, revision, signal);
  } catch (error) {
    // Closed: the kind is no longer served this way, since its definition has changed or gone. Clients come back and see.
    if (signal.aborted || (error instanceof StoreError && error.code === "Closed")) return;
    yield frames.error(watchError(error, version).toStatus());
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

async function* liveEvents(
  setup: WatchSetup,
  frames: FrameMaker,
  afterRevision: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { store, namespace, selection, request, clock } = setup;
  const range = selection.name === undefined ? store.rangeOf(namespace) : store.rangeOfName(namespace, selection.name);
  let bookmarkDueMs = clock.monotonicMs() + BOOKMARK_INTERVAL_MS;
  for await (const batch of store.watch(range, afterRevision, signal)) {
    const lines = batchLines(batch, selection, frames, store);
    if (lines.length > 0) {
      yield lines.length === 1 && lines[0] ? lines[0] : Buffer.concat(lines);
    } else if (request.withBookmarks && clock.monotonicMs() >= bookmarkDueMs) {
      yield frames.bookmark(batch.revision, { endsInitialEvents: false });
    } else {
      continue;
    }
    bookmarkDueMs = clock.monotonicMs() + BOOKMARK_INTERVAL_MS;
  }
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
  const isSeen = (stored: StoredObject) => selection.isEverything || selection.matches(stored.object);
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
