// Objects and lists as the bytes of an answer. What is asked for most is never made again: an object's own bytes are what is
// sent, and a list is those bytes one after the other.

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { assert } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import { type ListFields, type TypeMeta, type WrappedMessage, wrapList } from "../protobuf/envelope.ts";
import { encoderOf } from "../protobuf/message-encoder.ts";
import type { ListResult } from "../registry/list-objects.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import type { Encoding, OutputForm, Transform } from "./output-form.ts";
import { PARTIAL_METADATA_SCHEMA, partialMetadata } from "./partial-metadata.ts";
import { formatTable, type IncludeObject } from "./table.ts";
import { encodeJson, encodeValue, encodeYaml } from "./values.ts";

export interface RenderOptions {
  readonly form: OutputForm;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  readonly model: SchemaModel;
}

const COMMA = Buffer.from(",");
const OPENING_BRACE = Buffer.from("{");
const NOTHING = Buffer.alloc(0);
const LIST_END = Buffer.from("]}\n");

export function renderObject(kind: KindDefinition, stored: StoredObject, options: RenderOptions): Uint8Array {
  const { encoding, transform } = options.form;
  switch (transform?.kind) {
    case undefined:
      return encodeObject(kind, stored, encoding, options.model);
    case "Table":
      return renderTable(kind, [stored], { resourceVersion: String(stored.revision) }, options);
    case "PartialObjectMetadata":
      return encodeValue(partialMetadata(stored.metadata, transform.version), encoding, {
        model: options.model,
        schema: PARTIAL_METADATA_SCHEMA,
      });
    case "PartialObjectMetadataList":
      throw notAcceptable(`PartialObjectMetadataList, but the requested object is not a list (${kind.resource.kind})`);
  }
}

function encodeObject(kind: KindDefinition, stored: StoredObject, encoding: Encoding, model: SchemaModel): Uint8Array {
  switch (encoding) {
    case "json":
      return stored.bytes;
    case "yaml":
      return encodeYaml(stored.object);
    case "protobuf":
      return messageOf(kind, stored, model).body;
  }
}

/** Made once per stored object, for all that read it. */
export function messageOf(kind: KindDefinition, stored: StoredObject, model: SchemaModel): WrappedMessage {
  return stored.asMessage((object) => encoderOf(model).encode(typeOf(kind), kind.schema, object));
}

export function typeOf({ resource }: KindDefinition): TypeMeta {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind };
}

export function renderList(kind: KindDefinition, list: ListResult, options: RenderOptions): Uint8Array {
  const { encoding, transform } = options.form;
  const metadata = listMetadata(list);
  switch (transform?.kind) {
    case undefined: {
      const { apiVersion, kind: name } = typeOf(kind);
      const type = { kind: `${name}List`, apiVersion };
      if (encoding === "protobuf") {
        const messages = list.items.map((item) => messageOf(kind, item, options.model).message);
        return wrapList(type, metadata, messages);
      }
      if (encoding === "yaml") return encodeYaml({ ...type, metadata, items: list.items.map(({ object }) => object) });
      return kind.decode === undefined
        ? joinItems({ ...type, metadata }, list.items.map(bytesWithoutType), OPENING_BRACE)
        : joinItems(
            { ...type, metadata },
            list.items.map((item) => item.bytes),
            NOTHING,
          );
    }
    case "Table":
      return renderTable(kind, list.items, metadata, options);
    case "PartialObjectMetadataList":
      return renderPartialList(list.items, metadata, { encoding, version: transform.version }, options.model);
    case "PartialObjectMetadata":
      throw notAcceptable(`PartialObjectMetadata, but the requested object is a list (${kind.resource.kind}List)`);
  }
}

function renderPartialList(
  items: readonly StoredObject[],
  metadata: ListFields,
  { encoding, version }: { readonly encoding: Encoding; readonly version: Transform["version"] },
  model: SchemaModel,
): Uint8Array {
  const type = { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${version}` };
  if (encoding === "protobuf") {
    const encoder = encoderOf(model);
    const messages = items.map(({ metadata }) => encoder.encode(type, PARTIAL_METADATA_SCHEMA, { metadata }).message);
    return wrapList(type, metadata, messages);
  }
  const list = { ...type, metadata, items: items.map((item) => partialMetadata(item.metadata, version)) };
  return encoding === "yaml" ? encodeYaml(list) : encodeJson(list);
}

function listMetadata(list: ListResult): ListFields {
  return {
    resourceVersion: String(list.revision),
    ...(list.continueToken === "" ? {} : { continue: list.continueToken }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

function renderTable(
  kind: KindDefinition,
  items: readonly StoredObject[],
  metadata: ListFields,
  options: RenderOptions,
): Uint8Array {
  const table = formatTable(
    kind,
    items.map((item) => item.object),
    {
      includeObject: options.includeObject,
      nowMs: options.nowMs,
      listMetadata: metadata,
      withColumns: true,
      version: options.form.transform?.version ?? "v1",
    },
  );
  return options.form.encoding === "yaml" ? encodeYaml(table) : Buffer.from(JSON.stringify(table));
}

const METADATA_START = Buffer.from('"metadata":{');
/** The names of a kind and its version, with all around them. */
const TYPE_BYTES_MAX = 512;

/**
 * An object as an item of a list, without its opening brace and its type, which the list says for all of them. Custom resources
 * keep theirs, as upstream.
 */
function bytesWithoutType({ bytes }: StoredObject): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, TYPE_BYTES_MAX));
  const start = head.indexOf(METADATA_START);
  assert(start > 0, "A stored object does not begin with its type and its metadata");
  return bytes.subarray(start);
}

function joinItems(head: object, items: readonly Uint8Array[], opening: Uint8Array): Uint8Array {
  const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  const separator = Buffer.concat([COMMA, opening]);
  const parts: Uint8Array[] = [start];
  for (const [index, item] of items.entries()) parts.push(index === 0 ? opening : separator, item);
  parts.push(LIST_END);
  return Buffer.concat(parts);
}

function notAcceptable(what: string): ApiError {
  return new ApiError("NotAcceptable", `you requested ${what}`);
}
