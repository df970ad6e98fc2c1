// Objects and lists as the bytes of an answer. JSON is never made again: an object's own bytes are what is sent, and a list
// is those bytes with commas between them.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { ListResult } from "../registry/list-objects.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import type { OutputForm } from "./output-form.ts";
import { partialMetadata } from "./partial-metadata.ts";
import { formatTable, type IncludeObject } from "./table.ts";

export interface RenderOptions {
  readonly form: OutputForm;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

const COMMA = Buffer.from(",");
const LIST_END = Buffer.from("]}\n");

export function renderObject(kind: KindDefinition, stored: StoredObject, options: RenderOptions): Uint8Array {
  switch (options.form) {
    case "json":
      return stored.bytes;
    case "table":
      return renderTable(kind, [stored], { resourceVersion: String(stored.revision) }, options);
    case "partial-metadata":
      return Buffer.from(JSON.stringify(partialMetadata(stored.object)));
  }
}

export function renderList(kind: KindDefinition, list: ListResult, options: RenderOptions): Uint8Array {
  const metadata = listMetadata(list);
  switch (options.form) {
    case "json": {
      const head = { kind: `${kind.resource.kind}List`, apiVersion: apiVersionOf(kind.resource), metadata };
      return joinItems(
        head,
        list.items.map((item) => item.bytes),
      );
    }
    case "table":
      return renderTable(kind, list.items, metadata, options);
    case "partial-metadata": {
      const head = { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata };
      return joinItems(
        head,
        list.items.map((item) => Buffer.from(JSON.stringify(partialMetadata(item.object)))),
      );
    }
  }
}

function listMetadata(list: ListResult): Record<string, unknown> {
  return {
    resourceVersion: String(list.revision),
    ...(list.continueToken === "" ? {} : { continue: list.continueToken }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

function renderTable(
  kind: KindDefinition,
  items: readonly StoredObject[],
  metadata: Record<string, unknown>,
  options: RenderOptions,
): Uint8Array {
  const table = formatTable(
    kind,
    items.map((item) => item.object),
    { includeObject: options.includeObject, nowMs: options.nowMs, listMetadata: metadata, withColumns: true },
  );
  return Buffer.from(JSON.stringify(table));
}

function joinItems(head: object, items: readonly Uint8Array[]): Uint8Array {
  const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  const parts: Uint8Array[] = [start];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(COMMA);
    parts.push(item);
  }
  parts.push(LIST_END);
  return Buffer.concat(parts);
}
