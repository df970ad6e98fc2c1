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

export function textColumn(name: string, description: string, priority: 0 | 1 = 0): PrinterColumn {
  return { name, type: "string", description, priority };
}

export function integerColumn(name: string, description: string, priority: 0 | 1 = 0): PrinterColumn {
  return { name, type: "integer", description, priority };
}

/** What a cell shows for a field that is not set. */
export const NONE = "<none>";
