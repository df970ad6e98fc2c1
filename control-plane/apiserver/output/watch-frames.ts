// One line per watch event. All watchers that see an event the same way are sent the same bytes: the frame is made for the
// first of them and kept beside the event for as long as the event itself is kept.

import type { WatchEventType } from "@atoll/api/meta/types";
import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { ObjectEvent } from "../registry/resource-store.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import { partialMetadata } from "./partial-metadata.ts";
import type { RenderOptions } from "./render.ts";
import { formatTable } from "./table.ts";

const LINE_END = Buffer.from("}\n");

/** Marks the bookmark that ends the initial events of a streaming list. */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

const shared = new WeakMap<ObjectEvent, Map<WatchEventType, Uint8Array>>();

export interface FrameMaker {
  /** The frame of an event; `stored` is its object in the state to show. */
  event(type: WatchEventType, stored: StoredObject, event?: ObjectEvent): Uint8Array;
  bookmark(revision: number, options: { readonly endsInitialEvents: boolean }): Uint8Array;
}

export function createFrameMaker(kind: KindDefinition, options: RenderOptions): FrameMaker {
  let isFirstTable = true;
  return {
    event(type, stored, event) {
      if (options.form === "json") return event ? sharedFrame(type, stored, event) : jsonFrame(type, stored.bytes);
      if (options.form === "partial-metadata") return frame(type, partialMetadata(stored.object));
      const table = formatTable(kind, [stored.object], {
        includeObject: options.includeObject,
        nowMs: options.nowMs,
        listMetadata: { resourceVersion: String(stored.revision) },
        withColumns: isFirstTable,
      });
      isFirstTable = false;
      return frame(type, table);
    },
    bookmark(revision, { endsInitialEvents }) {
      const metadata = {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(endsInitialEvents ? { annotations: { [INITIAL_EVENTS_END]: "true" } } : {}),
      };
      const { kind: name } = kind.resource;
      switch (options.form) {
        case "json":
          return frame("BOOKMARK", { kind: name, apiVersion: apiVersionOf(kind.resource), metadata });
        case "partial-metadata":
          return frame("BOOKMARK", { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });
        case "table":
          return frame("BOOKMARK", {
            kind: "Table",
            apiVersion: "meta.k8s.io/v1",
            metadata: { resourceVersion: String(revision) },
            columnDefinitions: [],
            rows: endsInitialEvents
              ? [{ cells: [], object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata } }]
              : [],
          });
      }
    },
  };
}

/** A line with any value, as for ERROR. */
export function frame(type: WatchEventType, object: unknown): Uint8Array {
  return jsonFrame(type, Buffer.from(JSON.stringify(object)));
}

function sharedFrame(type: WatchEventType, stored: StoredObject, event: ObjectEvent): Uint8Array {
  let frames = shared.get(event);
  if (!frames) {
    frames = new Map();
    shared.set(event, frames);
  }
  let bytes = frames.get(type);
  if (!bytes) {
    bytes = jsonFrame(type, stored.bytes);
    frames.set(type, bytes);
  }
  return bytes;
}

function jsonFrame(type: WatchEventType, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, LINE_END]);
}
