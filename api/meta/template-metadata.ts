// Metadata in the template of another object: labels and annotations alone mean something there.

import type { FieldError } from "../kind.ts";
import { forbidden } from "./field-error.ts";
import { validateAnnotations, validateLabels } from "./object-meta.ts";
import { isSaidEmpty } from "./said-empty.ts";
import type { ObjectMeta } from "./types.ts";

/** All others, in upstream's order and under the names it shows them by. */
const FORBIDDEN: readonly (readonly [field: keyof ObjectMeta, shown: string])[] = [
  ["name", "name"],
  ["generateName", "generateName"],
  ["namespace", "namespace"],
  ["selfLink", "selfLink"],
  ["uid", "uID"],
  ["resourceVersion", "resourceVersion"],
  ["generation", "generation"],
  ["creationTimestamp", "creationTimestamp"],
  ["deletionTimestamp", "deletionTimestamp"],
  ["deletionGracePeriodSeconds", "deletionGracePeriodSeconds"],
  ["ownerReferences", "ownerReferences"],
  ["finalizers", "finalizers"],
  ["managedFields", "managedFields"],
];

export function validateTemplateMetadata(metadata: ObjectMeta, path: string): FieldError[] {
  return [
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...FORBIDDEN.filter(([field]) => metadata[field] !== undefined || isSaidEmpty(metadata, field)).map(([, shown]) =>
      forbidden(`${path}.${shown}`, "cannot be set"),
    ),
  ];
}
