// The newer shape of Events. There is one store of them: what is written here is read as a core Event, and the other way.

import { Event as CoreEvent, EVENT_TTL_SECONDS } from "../../core/event/kind.ts";
import { validateEvent as validateCoreEvent } from "../../core/event/validation.ts";
import type { EventsV1Event as EventObject } from "../../generated/types.ts";
import { ALL_VERBS, type FieldError, type KindDefinition } from "../../kind.ts";
import { invalidValue, required, unchanged } from "../../meta/field-error.ts";
import type { Resource } from "../../resource.ts";
import { eventColumns, printEvent } from "../../core/event/columns.ts";
import { fromCoreEvent, toCoreEvent } from "./conversion.ts";

export type Event = EventObject;

export const Event: Resource<Event> = {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
};

const TYPES = ["Normal", "Warning"];
const OLDER_FIELDS = [
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
] as const;

function validateEvent(event: Event): FieldError[] {
  const errors = validateCoreEvent(toCoreEvent(event)).map((error) =>
    error.field === "reportingComponent" ? { ...error, field: "reportingController" } : error,
  );
  if (!event.eventTime) errors.push(required("eventTime"));
  if (!TYPES.includes(event.type ?? ""))
    errors.push(invalidValue("type", "", `has invalid value: ${event.type ?? ""}`));
  for (const [field, name] of OLDER_FIELDS) {
    if (event[field]) errors.push(invalidValue(name, "", "needs to be unset"));
  }
  return errors;
}

/** What happened stays what it was; only how often it happened again is new. */
const FIXED_FIELDS = [
  "eventTime",
  "reportingController",
  "reportingInstance",
  "action",
  "reason",
  "regarding",
  "related",
  "note",
  "type",
] as const;

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
  validateUpdate: (event, old) => FIXED_FIELDS.flatMap((field) => unchanged(field, event[field], old[field])),
  columns: eventColumns,
  printRow: (event, nowMs) => printEvent(toCoreEvent(event), nowMs),
};
