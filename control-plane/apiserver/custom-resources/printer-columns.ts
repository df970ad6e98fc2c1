// What `kubectl get` prints of custom resources: the columns their authors gave, or the age.

import type { CustomResourceDefinitionVersion } from "@atoll/api/generated/types";
import type { Cell, PrinterColumn } from "@atoll/api/kind";
import { formatAge } from "@atoll/api/meta/age";
import { NAME_COLUMN } from "@atoll/api/meta/columns";
import type { KubeObject } from "@atoll/api/resource";
import { isRecord } from "@atoll/base/is-record";
import { findByPath, type JsonPath, parseJsonPath } from "@atoll/machinery/object/structural-schema/json-path";

const COLUMN_TYPES = ["string", "integer", "number", "boolean", "date"] as const;

export interface CustomColumns {
  readonly columns: readonly PrinterColumn[];
  readonly printRow: (object: KubeObject, nowMs: number) => readonly Cell[];
}

type Columns = NonNullable<CustomResourceDefinitionVersion["additionalPrinterColumns"]>;

const AGE: Columns = [
  {
    name: "Age",
    type: "date",
    description: "Time since the object was made.",
    jsonPath: ".metadata.creationTimestamp",
  },
];

export function customColumns({ additionalPrinterColumns }: CustomResourceDefinitionVersion): CustomColumns {
  const given = additionalPrinterColumns?.length ? additionalPrinterColumns : AGE;
  const columns = given.map(({ name, type, format, description, priority, jsonPath }): PrinterColumn => {
    const known = COLUMN_TYPES.find((known) => known === type) ?? "string";
    return {
      name,
      type: known,
      ...(format ? { format } : {}),
      description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority: priority ? 1 : 0,
    };
  });
  const cells = given.map(({ jsonPath, type }) => ({ path: parseJsonPath(jsonPath), type }));
  return {
    columns: [NAME_COLUMN, ...columns],
    printRow: (object, nowMs) => [object.metadata.name ?? "", ...cells.map((cell) => printCell(object, cell, nowMs))],
  };
}

function printCell(
  object: KubeObject,
  { path, type }: { readonly path: JsonPath | undefined; readonly type: string },
  nowMs: number,
): Cell {
  const [value] = path ? findByPath(object, path) : [];
  if (value === undefined) return null;
  switch (type) {
    case "date":
      if (value === "") return UNKNOWN;
      return typeof value === "string" ? formatAge(value, nowMs) : null;
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "string":
      return showText(value);
    default:
      return null;
  }
}

const UNKNOWN = "<unknown>";

/** As Go prints it: with the fields of an object in order. */
function showText(value: unknown): string {
  if (value === null) return "<no value>";
  return typeof value === "object" ? JSON.stringify(sorted(value)) : String(value);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
