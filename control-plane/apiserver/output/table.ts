import type { KindDefinition, PrinterColumn } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError } from "@atoll/machinery/object/api-error";
import { partialObject } from "./partial-metadata.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

/** The query's `includeObject`: what stands beside a row's cells. */
export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") ?? "";
  if (value === "") return "Metadata";
  if (value === "None" || value === "Metadata" || value === "Object") return value;
  throw new ApiError("BadRequest", `unrecognized includeObject value: ${JSON.stringify(value)}`);
}

export interface TableOptions {
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  readonly listMetadata: object;
  /** Of meta.k8s.io: "v1" or "v1beta1". */
  readonly version: string;
  /** In a watch only the first Table says what the columns are. */
  readonly withColumns: boolean;
}

export function formatTable(kind: KindDefinition, objects: readonly KubeObject[], options: TableOptions): unknown {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.listMetadata,
    columnDefinitions: options.withColumns ? kind.columns.map(columnDefinition) : [],
    rows: objects.map((object) => ({
      cells: kind.printRow(object, options.nowMs),
      ...rowObject(kind, object, options),
    })),
  };
}

function rowObject(
  kind: KindDefinition,
  object: KubeObject,
  { includeObject, version }: TableOptions,
): { object?: unknown } {
  switch (includeObject) {
    case "None":
      return {};
    case "Object":
      return { object };
    case "Metadata":
      return { object: partialObject(kind, object.metadata, version) };
  }
}

function columnDefinition(column: PrinterColumn): unknown {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? "",
    description: column.description,
    priority: column.priority,
  };
}
