// One Event in two shapes: the same facts, under other names.

import type { Event as CoreEvent, EventsV1Event as Event } from "../../generated/types.ts";
import type { KubeObject } from "../../resource.ts";

/** Newer name to older one; all other fields are called the same. */
const NAMES: Readonly<Record<string, string>> = {
  note: "message",
  regarding: "involvedObject",
  reportingController: "reportingComponent",
  deprecatedCount: "count",
  deprecatedFirstTimestamp: "firstTimestamp",
  deprecatedLastTimestamp: "lastTimestamp",
  deprecatedSource: "source",
};
const NEWER_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(NAMES).map(([newer, older]) => [older, newer]),
);

function rename(object: object, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(structuredClone(object)).map(([name, value]) => [names[name] ?? name, value]),
  );
}

export function toCoreEvent(event: Event): CoreEvent {
  // Only names differ, and the older shape wants an involved object where the newer may leave its own out.
  return { involvedObject: {}, ...rename(event, NAMES) } as CoreEvent;
}

export function fromCoreEvent(event: KubeObject): Event {
  // The store holds core Events only; an older one has no eventTime, which the newer shape shows as null.
  return { eventTime: null, ...rename(event, NEWER_NAMES) } as unknown as Event;
}
