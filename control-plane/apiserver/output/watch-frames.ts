// One frame per watch event: a line of JSON, or a length and a message. All watchers that see an event the same way are sent
// the same bytes: the frame is made for the first of them and kept while others may come for it.

import type { Status, WatchEventType } from "@atoll/api/meta/types";
import type { KindDefinition } from "@atoll/api/kind";
import { watchFrame } from "../protobuf/envelope.ts";
import type { ObjectEvent } from "../registry/resource-store.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import { PARTIAL_METADATA_SCHEMA, partialMetadata, partialObject } from "./partial-metadata.ts";
import { messageOf, type RenderOptions, typeOf } from "./render.ts";
import { SharedFrames } from "./shared-frames.ts";
import { formatTable } from "./table.ts";
import { encodeStatus, encodeValue } from "./values.ts";

const LINE_END = Buffer.from("}\n");

/** Marks the bookmark that ends the initial events of a streaming list. */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** Of frames that are kept for one encoding. A watcher that is so far behind has its own made. */
const FRAME_BYTES_MAX = 8 * 1024 * 1024;

/** Of whole objects, by the encodings that a watch can have. */
const shared = { json: new SharedFrames(FRAME_BYTES_MAX), protobuf: new SharedFrames(FRAME_BYTES_MAX) };

export interface FrameMaker {
  /** The frame of an event; `stored` is its object in the state to show. */
  event(type: WatchEventType, stored: StoredObject, event?: ObjectEvent): Uint8Array;
  bookmark(revision: number, options: { readonly endsInitialEvents: boolean }): Uint8Array;
  error(status: Status): Uint8Array;
}

export function createFrameMaker(kind: KindDefinition, options: RenderOptions): FrameMaker {
  const { form, model } = options;
  // YAML was refused when the watch was asked for.
  const encoding = form.encoding === "protobuf" ? "protobuf" : "json";
  const frame = encoding === "protobuf" ? watchFrame : jsonFrame;
  const bodies = bodiesOf(kind, options);
  return {
    event(type, stored, event) {
      if (!event || form.transform) return frame(type, bodies.object(stored));
      return shared[encoding].frame(event, type, () => frame(type, bodies.object(stored)));
    },
    bookmark(revision, { endsInitialEvents }) {
      const metadata = {
        resourceVersion: String(revision),
        creationTimestamp: null,
        ...(endsInitialEvents ? { annotations: { [INITIAL_EVENTS_END]: "true" } } : {}),
      };
      return frame("BOOKMARK", bodies.bookmark(metadata, endsInitialEvents));
    },
    error: (status) => frame("ERROR", encodeStatus(status, { encoding, model })),
  };
}

/** Larger ones are copied for each reader again, so that they do not stay for as long as their first frame does. */
const JOINED_BYTES_MAX = 256 * 1024;

/** What watchers that read the same frames in one go were sent, by the first of them. */
const joined = new WeakMap<Uint8Array, { readonly frames: readonly Uint8Array[]; readonly bytes: Uint8Array }>();

/** Several frames as one; the same bytes for all who are given the same frames. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const [first] = frames;
  if (first && frames.length === 1) return first;
  const known = first && joined.get(first);
  const isKnown = known?.frames.length === frames.length && known.frames.every((frame, at) => frame === frames[at]);
  if (isKnown) return known.bytes;
  const bytes = Buffer.concat(frames);
  if (first && bytes.length <= JOINED_BYTES_MAX) joined.set(first, { frames, bytes });
  return bytes;
}

/** What stands in the frames. */
interface Bodies {
  object(stored: StoredObject): Uint8Array;
  bookmark(metadata: BookmarkMetadata, endsInitialEvents: boolean): Uint8Array;
}

interface BookmarkMetadata {
  readonly resourceVersion: string;
  /** JSON shows it, as Go's zero time. */
  readonly creationTimestamp: null;
  readonly annotations?: Readonly<Record<string, string>>;
}

function bodiesOf(kind: KindDefinition, options: RenderOptions): Bodies {
  const { form, model } = options;
  const { encoding, transform } = form;
  switch (transform?.kind) {
    case undefined:
      return {
        object: (stored) => (encoding === "protobuf" ? messageOf(kind, stored, model).body : stored.bytes),
        bookmark: (metadata) => encodeValue({ ...typeOf(kind), metadata }, encoding, { model, schema: kind.schema }),
      };
    case "Table":
      return tableBodies(kind, options, transform.version);
    case "PartialObjectMetadata":
    case "PartialObjectMetadataList": {
      const { version } = transform;
      const encode = (partial: object) => encodeValue(partial, encoding, { model, schema: PARTIAL_METADATA_SCHEMA });
      return {
        object: ({ metadata }) => encode(partialObject(kind, metadata, version)),
        bookmark: (metadata) => encode(partialMetadata(metadata, version)),
      };
    }
  }
}

function tableBodies(kind: KindDefinition, options: RenderOptions, version: string): Bodies {
  let isFirst = true;
  return {
    object(stored) {
      const table = formatTable(kind, [stored.object], {
        includeObject: options.includeObject,
        nowMs: options.nowMs,
        listMetadata: { resourceVersion: String(stored.revision) },
        withColumns: isFirst,
        version,
      });
      isFirst = false;
      return Buffer.from(JSON.stringify(table));
    },
    bookmark(metadata, endsInitialEvents) {
      const table = {
        kind: "Table",
        apiVersion: `meta.k8s.io/${version}`,
        metadata: { resourceVersion: metadata.resourceVersion },
        columnDefinitions: [],
        rows: endsInitialEvents ? [{ cells: [], object: partialMetadata(metadata, version) }] : [],
      };
      return Buffer.from(JSON.stringify(table));
    },
  };
}

function jsonFrame(type: WatchEventType, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, LINE_END]);
}
