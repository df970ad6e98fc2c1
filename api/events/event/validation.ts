// The newer shape of Events is checked as the older one, and for more. Upstream names the older one's fields.

import { validateEvent as validateCoreEvent } from "../../core/event/validation.ts";
import type { Event as CoreEvent, EventsV1Event as Event } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required, unchanged } from "../../meta/field-error.ts";
import { toCoreEvent } from "./conversion.ts";

const TYPES = ["Normal", "Warning"];
const SERIES_COUNT_MIN = 2;
const OLDER_FIELDS = ["firstTimestamp", "lastTimestamp", "count"] as const;

export function validateEvent(event: Event): FieldError[] {
  const core = toCoreEvent(event);
  const errors = [...validateAsCore(core), ...validateSeries(core)];
  if (!core.eventTime) errors.push(required("eventTime"));
  if (!TYPES.includes(core.type ?? "")) errors.push(invalidValue("type", "", `has invalid value: ${core.type ?? ""}`));
  for (const name of OLDER_FIELDS) if (core[name]) errors.push(invalidValue(name, "", "needs to be unset"));
  if (core.source?.component || core.source?.host) errors.push(invalidValue("source", "", "needs to be unset"));
  return errors;
}

function validateAsCore(core: CoreEvent): FieldError[] {
  return validateCoreEvent(core).map((error) =>
    error.field === "reportingComponent" ? { ...error, field: "reportingController" } : error,
  );
}

function validateSeries({ series }: CoreEvent): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < SERIES_COUNT_MIN ? [invalidValue("series.count", "", "should be at least 2")] : []),
    ...(series.lastObservedTime ? [] : [required("series.lastObservedTime")]),
  ];
}

/** What happened stays what it was; only how often it happened again is new. */
const FIXED_TEXTS = ["reason", "message", "type", "action"] as const;
const FIXED_FIELDS = ["involvedObject", "source", "firstTimestamp", "lastTimestamp", "eventTime", "related"] as const;

export function validateEventUpdate(event: Event, old: Event): FieldError[] {
  const [core, oldCore] = [toCoreEvent(event), toCoreEvent(old)];
  const isSameSeries = unchanged("series", core.series, oldCore.series).length === 0;
  return [
    ...validateAsCore(core),
    ...(isSameSeries ? [] : validateSeries(core)),
    ...FIXED_FIELDS.flatMap((field) => unchanged(field, core[field], oldCore[field])),
    ...FIXED_TEXTS.flatMap((field) => unchanged(field, core[field] ?? "", oldCore[field] ?? "")),
    ...unchanged("count", core.count ?? 0, oldCore.count ?? 0),
    ...unchanged("reportingController", core.reportingComponent ?? "", oldCore.reportingComponent ?? ""),
    ...unchanged("reportingInstance", core.reportingInstance ?? "", oldCore.reportingInstance ?? ""),
  ];
}
