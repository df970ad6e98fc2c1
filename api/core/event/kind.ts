import type { Event as EventObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition } from "../../kind.ts";
import type { Resource } from "../../resource.ts";
import { eventColumns, printEvent } from "./columns.ts";
import { validateEvent } from "./validation.ts";

export type Event = EventObject;

/** Events tell what has happened lately; upstream keeps them as long. */
export const EVENT_TTL_SECONDS = 3600;

export const Event: Resource<Event> = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
};

export const eventKind: KindDefinition<Event> = {
  resource: Event,
  singular: "event",
  shortNames: ["ev"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [],
  schema: "io.k8s.api.core.v1.Event",
  nameRule: "pathSegment",
  hasStatus: false,
  ttlSeconds: EVENT_TTL_SECONDS,
  isCreatedByUpdate: true,
  checksGenerateName: "never",
  takesAnyFinalizer: true,
  checksMetadataLast: true,
  selectableFields: {
    "involvedObject.kind": (event) => event.involvedObject.kind ?? "",
    "involvedObject.namespace": (event) => event.involvedObject.namespace ?? "",
    "involvedObject.name": (event) => event.involvedObject.name ?? "",
    "involvedObject.uid": (event) => event.involvedObject.uid ?? "",
    "involvedObject.apiVersion": (event) => event.involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": (event) => event.involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": (event) => event.involvedObject.fieldPath ?? "",
    reason: (event) => event.reason ?? "",
    reportingComponent: (event) => event.reportingComponent ?? "",
    source: (event) => event.source?.component || event.reportingComponent || "",
    type: (event) => event.type ?? "",
  },
  validateCreate: validateEvent,
  validateUpdate: validateEvent,
  columns: eventColumns,
  printRow: printEvent,
};
