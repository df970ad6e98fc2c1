// The newer shape of Events. There is one store of them: what is written here is read as a core Event, and the other way.

import { Event as CoreEvent, EVENT_TTL_SECONDS } from "../../core/event/kind.ts";
import type { EventsV1Event as EventObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { eventColumns, printEvent } from "../../core/event/columns.ts";
import { fromCoreEvent, toCoreEvent } from "./conversion.ts";
import { validateEvent, validateEventUpdate } from "./validation.ts";

export type Event = EventObject;

export const Event: Resource<Event> = {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
};

export const eventsEventKind: KindDefinition<Event> = {
  resource: Event,
  storedAs: {
    resource: CoreEvent,
    schema: "io.k8s.api.core.v1.Event",
    toStored: toCoreEvent,
    fromStored: fromCoreEvent,
  },
  singular: "event",
  shortNames: ["ev"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.events.v1.Event",
  nameRule: "dns1123Subdomain",
  hasStatus: false,
  ttlSeconds: EVENT_TTL_SECONDS,
  isCreatedByUpdate: true,
  selectableFields: {
    reason: (event) => event.reason ?? "",
    "regarding.kind": (event) => event.regarding?.kind ?? "",
    "regarding.namespace": (event) => event.regarding?.namespace ?? "",
    "regarding.name": (event) => event.regarding?.name ?? "",
    "regarding.uid": (event) => event.regarding?.uid ?? "",
    "regarding.apiVersion": (event) => event.regarding?.apiVersion ?? "",
    "regarding.resourceVersion": (event) => event.regarding?.resourceVersion ?? "",
    "regarding.fieldPath": (event) => event.regarding?.fieldPath ?? "",
    reportingController: (event) => event.reportingController ?? "",
    type: (event) => event.type ?? "",
  },
  validateCreate: validateEvent,
  validateUpdate: validateEventUpdate,
  columns: eventColumns,
  printRow: (event, nowMs) => printEvent(toCoreEvent(event), nowMs),
};
