import type { Event } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, required } from "../../meta/field-error.ts";
import { checkQualifiedName } from "../../meta/names.ts";
import { utf8Length } from "../../meta/object-meta.ts";

const REPORTING_INSTANCE_MAX = 128;
const ACTION_MAX = 128;
const REASON_MAX = 128;
const MESSAGE_MAX = 1024;

/** Events about objects without a namespace stand here. */
const CLUSTER_EVENT_NAMESPACES = ["default", "kube-system"];

export function validateEvent(event: Event): FieldError[] {
  return event.eventTime === undefined ? validateOlderEvent(event) : validateNewerEvent(event);
}

function mismatch(event: Event): FieldError {
  return invalidValue(
    "involvedObject.namespace",
    event.involvedObject.namespace ?? "",
    "does not match event.namespace",
  );
}

function validateOlderEvent(event: Event): FieldError[] {
  const { namespace } = event.metadata;
  const about = event.involvedObject.namespace;
  return about ? (about === namespace ? [] : [mismatch(event)]) : namespace === "default" ? [] : [mismatch(event)];
}

function validateNewerEvent(event: Event): FieldError[] {
  const errors: FieldError[] = [];
  if (!event.involvedObject.namespace && !CLUSTER_EVENT_NAMESPACES.includes(event.metadata.namespace ?? "")) {
    errors.push(mismatch(event));
  }
  const component = event.reportingComponent ?? "";
  if (component === "") errors.push(required("reportingComponent"));
  errors.push(...checkQualifiedName(component).map((text) => invalidValue("reportingComponent", component, text)));
  errors.push(...validateText("reportingInstance", event.reportingInstance, REPORTING_INSTANCE_MAX));
  errors.push(...validateText("action", event.action, ACTION_MAX));
  errors.push(...validateText("reason", event.reason, REASON_MAX));
  if (utf8Length(event.message ?? "") > MESSAGE_MAX) {
    errors.push(invalidValue("message", "", `can have at most ${MESSAGE_MAX} characters`));
  }
  return errors;
}

function validateText(field: string, value: string | undefined, charactersMax: number): FieldError[] {
  if (!value) return [required(field)];
  return utf8Length(value) > charactersMax
    ? [invalidValue(field, "", `can have at most ${charactersMax} characters`)]
    : [];
}
