import type { Event } from "../../generated/types.ts";
import type { Cell, PrinterColumn } from "../../kind.ts";
import { formatAge } from "../../meta/age.ts";
import { NAME_COLUMN, textColumn } from "../../meta/columns.ts";

export const eventColumns: readonly PrinterColumn[] = [
  textColumn("Last Seen", "Time since it last happened."),
  textColumn("Type", "Normal or Warning."),
  textColumn("Reason", "One word why it happened."),
  textColumn("Object", "What it is about."),
  textColumn("Subobject", "The part of the object it is about.", 1),
  textColumn("Source", "Who reports it.", 1),
  textColumn("Message", "What happened, for people."),
  textColumn("First Seen", "Time since it first happened.", 1),
  textColumn("Count", "How often it happened.", 1),
  { ...NAME_COLUMN, priority: 1 },
];

export function printEvent(event: Event, nowMs: number): readonly Cell[] {
  const first = formatAge(event.firstTimestamp ?? event.eventTime, nowMs);
  const last = event.lastTimestamp === undefined ? first : formatAge(event.lastTimestamp, nowMs);
  const { series } = event;
  const { kind = "", name = "", fieldPath = "" } = event.involvedObject;
  return [
    series ? formatAge(series.lastObservedTime, nowMs) : last,
    event.type ?? "",
    event.reason ?? "",
    name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
    fieldPath,
    sourceOf(event),
    (event.message ?? "").trim(),
    first,
    series ? (series.count ?? 0) : event.count || 1,
    event.metadata.name ?? "",
  ];
}

function sourceOf(event: Event): string {
  const component = event.source?.component || event.reportingComponent || "";
  const host = event.source?.host || event.reportingInstance || "";
  return host === "" ? component : `${component}, ${host}`;
}
