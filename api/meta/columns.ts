// Columns that many kinds have.

import type { PrinterColumn } from "../kind.ts";

export const NAME_COLUMN: PrinterColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name of the object, unique among its kind in its namespace.",
  priority: 0,
};

export const AGE_COLUMN: PrinterColumn = {
  name: "Age",
  type: "string",
  description: "Time since the object was made.",
  priority: 0,
};

/** For kinds that upstream gives no columns of their own. */
export const CREATED_AT_COLUMN: PrinterColumn = {
  name: "Created At",
  type: "date",
  description: "When the object was made.",
  priority: 0,
};

export function textColumn(name: string, description: string, priority: 0 | 1 = 0): PrinterColumn {
  return { name, type: "string", description, priority };
}

export function booleanColumn(name: string, description: string, priority: 0 | 1 = 0): PrinterColumn {
  return { name, type: "boolean", description, priority };
}

export function integerColumn(name: string, description: string, priority: 0 | 1 = 0): PrinterColumn {
  return { name, type: "integer", description, priority };
}

/** What a cell shows for a field that is not set. */
export const NONE = "<none>";

/** What a cell shows for an optional field of which "none" would be a value. */
export const UNSET = "<unset>";

/** "a=1,b=2", in the order of keys. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort().join(",") || NONE;
}

/** The first few, and how many more there are. */
export function formatSome(items: readonly string[], shownMax: number): string {
  if (items.length <= shownMax) return items.join(",");
  return `${items.slice(0, shownMax).join(",")} + ${items.length - shownMax} more...`;
}
