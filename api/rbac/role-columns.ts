// What `kubectl get` prints of either kind of role. The time is shown whole: roles have always been listed so.

import type { Cell, PrinterColumn } from "../kind.ts";
import { NAME_COLUMN } from "../meta/columns.ts";
import type { KubeObject } from "../resource.ts";

export const ROLE_COLUMNS: readonly PrinterColumn[] = [
  NAME_COLUMN,
  { name: "Created At", type: "date", description: "Time when the object was made.", priority: 0 },
];

export function printRole({ metadata }: KubeObject): readonly Cell[] {
  return [metadata.name ?? "", metadata.creationTimestamp ?? ""];
}
