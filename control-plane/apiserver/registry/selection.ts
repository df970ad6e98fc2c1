// Which objects of a kind a request wants to see: its label and field selectors as one question.

import type { KindDefinition } from "@atoll/api/kind";
import { parseLabelSelector } from "@atoll/api/meta/label-selector-text";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { ApiError } from "@atoll/machinery/object/api-error";
import {
  type FieldRequirement,
  matchesFieldSelector,
  parseFieldSelector,
} from "@atoll/machinery/object/field-selector";
import { matchesLabels } from "@atoll/machinery/object/label-selector";

export interface Selection {
  readonly isEverything: boolean;
  /** The one name that can match, where the request says so: then one key is looked at. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

/** What costs nothing to ask first: a name is the end of its object's key, and most objects have another one. */
export function mayMatch({ name }: Selection, key: string): boolean {
  return name === undefined || key.endsWith(`/${name}`);
}

export const EVERYTHING: Selection = { isEverything: true, name: undefined, matches: () => true };

/** `name` is that of the path, "" for a collection. */
export function readSelection(kind: KindDefinition, query: URLSearchParams, name: string): Selection {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  if (labelText === "" && fieldText === "" && name === "") return EVERYTHING;
  const labels = parseLabelSelector(labelText);
  if ("error" in labels) throw new ApiError("BadRequest", labels.error);
  const fields = parseFieldSelector(fieldText);
  if ("error" in fields) throw new ApiError("BadRequest", fields.error);
  for (const { field } of fields.requirements) checkField(kind, field);
  const wantedName = name || exactName(fields.requirements);
  return {
    isEverything: false,
    name: wantedName,
    matches: (object) =>
      (name === "" || object.metadata.name === name) &&
      matchesFieldSelector(fields.requirements, (field) => fieldValue(kind, object, field)) &&
      matchesLabels(labels.requirements, object.metadata.labels),
  };
}

function fieldValue(kind: KindDefinition, object: KubeObject, field: string): string {
  if (field === "metadata.name") return object.metadata.name ?? "";
  if (field === "metadata.namespace") return object.metadata.namespace ?? "";
  return kind.selectableFields[field]?.(object) ?? "";
}

function checkField(kind: KindDefinition, field: string): void {
  const { selectableFields, decode, resource } = kind;
  // Upstream asks a function of the kind's own, or one that knows nothing but the metadata.
  const isPlain = Object.keys(selectableFields).length === 0 && decode === undefined;
  const isNamespace = field === "metadata.namespace" && (isPlain || resource.scope === "Namespaced");
  if (field === "metadata.name" || isNamespace || Object.hasOwn(selectableFields, field)) return;
  throw new ApiError("BadRequest", unknownFieldText(resource, field, { isPlain }));
}

/** Two kinds' own functions say it in words of their own. */
function unknownFieldText(
  { group, version, kind }: Resource,
  field: string,
  { isPlain }: { readonly isPlain: boolean },
): string {
  if (isPlain)
    return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  if (kind === "Job" && group === "batch") return `field label ${JSON.stringify(field)} not supported for Job`;
  if (kind === "ResourceSlice") return `field label not supported for ${group}/${version}, Kind=${kind}: ${field}`;
  return `field label not supported: ${field}`;
}

function exactName(requirements: readonly FieldRequirement[]): string | undefined {
  return requirements.find(({ field, operator }) => field === "metadata.name" && operator === "Equals")?.value;
}
