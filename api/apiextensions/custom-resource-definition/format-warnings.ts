// Formats that nobody checks: a schema may name them, and most likely meant another.

import { tableOf } from "@atoll/base/table-of";
import type { CustomResourceDefinition, JSONSchemaProps } from "../../generated/types.ts";
import { placesOf } from "./hub-form.ts";
import { partsOf } from "./schema-children.ts";

/** Without hyphens, as upstream compares those of texts: so it never finds the two names of Kubernetes' own, which keep theirs. */
const TEXT_FORMATS: ReadonlySet<string> = new Set([
  ...["bsonobjectid", "uri", "email", "hostname", "ipv4", "ipv6", "cidr", "mac", "uuid", "uuid3", "uuid4", "uuid5"],
  ...["isbn", "isbn10", "isbn13", "creditcard", "ssn", "hexcolor", "rgbcolor", "byte", "password", "date", "duration"],
  "datetime",
]);
const FORMATS: Readonly<Record<string, readonly string[]>> = tableOf({
  integer: ["int32", "int64"],
  number: ["float", "double"],
});

/** Of those that were not there before. */
export function formatWarnings(definition: CustomResourceDefinition, old?: CustomResourceDefinition): string[] {
  const before = new Set(old ? unknownFormats(old) : []);
  const added = unknownFormats(definition).filter((format) => !before.has(format));
  return added.map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function unknownFormats({ spec }: CustomResourceDefinition): string[] {
  return placesOf(spec.versions ?? [], "schema").flatMap(({ value }) =>
    value?.openAPIV3Schema ? formatsIn(value.openAPIV3Schema) : [],
  );
}

function formatsIn(schema: JSONSchemaProps): string[] {
  const { type = "", format = "" } = schema;
  const isKnown =
    type === "" || type === "string"
      ? TEXT_FORMATS.has(format.replaceAll("-", ""))
      : (FORMATS[type]?.includes(format) ?? false);
  return [...(format === "" || isKnown ? [] : [format]), ...partsOf(schema).flatMap(([, part]) => formatsIn(part))];
}
