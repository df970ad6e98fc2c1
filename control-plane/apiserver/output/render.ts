// Objects and lists as the bytes of an answer. What is asked for most is never made again: an object's own bytes are what is
// sent, and a list is those bytes one after the other. What is to be YAML is JSON here (`yaml-answer.ts`).

import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { assert } from "@atoll/base/errors";
import { ApiError } from "@atoll/machinery/object/api-error";
import { type ListFields, type TypeMeta, type WrappedMessage, wrapList } from "../protobuf/envelope.ts";
import { encoderOf } from "../protobuf/message-encoder.ts";
import type { ListResult } from "../registry/list-objects.ts";
import type { StoredObject } from "../registry/stored-object.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { Encoding, OutputForm, Transform } from "./output-form.ts";
import { PARTIAL_METADATA_SCHEMA, partialObject } from "./partial-metadata.ts";
import { formatTable, type IncludeObject } from "./table.ts";
import { encodeJson, encodeValue } from "./values.ts";

export interface RenderOptions {
  readonly form: OutputForm;
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
  readonly model: SchemaModel;
}

const LIST_END = Buffer.from("]}\n");

export function renderObject(kind: KindDefinition, stored: StoredObject, options: RenderOptions): Uint8Array {
  const { encoding, transform } = options.form;
  switch (transform?.kind) {
    case undefined:
      return encodeObject(kind, stored, encoding, options.model);
    case "Table":
      return renderTable(kind, [stored], { resourceVersion: String(stored.revision) }, options);
    case "PartialObjectMetadata":
      return encodeValue(partialObject(kind, stored.metadata, transform.version), encoding, {
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
    case "yaml":
      return stored.bytes;
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

/** Long lists of objects as they are come in pieces. */
export function renderList(kind: KindDefinition, list: ListResult, options: RenderOptions): Uint8Array | PiecedBody {
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
      if (kind.decode === undefined) return joinItems({ ...type, metadata }, list.items, typeBytes(kind));
      // Upstream keeps these in no type of its own, so that nothing is left out.
      return joinItems({ ...type, metadata: { continue: "", ...metadata } }, list.items, 0);
    }
    case "Table":
      return renderTable(kind, list.items, metadata, options);
    case "PartialObjectMetadataList":
      return renderPartialList(kind, list.items, { metadata, encoding, version: transform.version }, options.model);
    case "PartialObjectMetadata":
      throw notAcceptable(`PartialObjectMetadata, but the requested object is a list (${kind.resource.kind}List)`);
  }
}

function renderPartialList(
  kind: KindDefinition,
  items: readonly StoredObject[],
  {
    metadata,
    encoding,
    version,
  }: { readonly metadata: ListFields; readonly encoding: Encoding; readonly version: Transform["version"] },
  model: SchemaModel,
): Uint8Array {
  const type = { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${version}` };
  if (encoding === "protobuf") {
    const encoder = encoderOf(model);
    const messages = items.map((item) => {
      const { metadata } = partialObject(kind, item.metadata, version);
      return encoder.encode(type, PARTIAL_METADATA_SCHEMA, { metadata }).message;
    });
    return wrapList(type, metadata, messages);
  }
  // Of nothing, upstream shows null here and nowhere else.
  const shown = items.length === 0 ? null : items.map((item) => partialObject(kind, item.metadata, version));
  const list = { ...type, metadata, items: shown };
  return encodeJson(list);
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
  return encodeJson(table);
}

const QUOTE = '"'.charCodeAt(0);

/** What a stored object spends on its type, with the brace before it and the comma behind it. */
function typeBytes(definition: KindDefinition): number {
  const { apiVersion, kind } = typeOf(definition);
  return Buffer.byteLength(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},`);
}

/**
 * The objects' bytes one after the other, each without its first `skipped` ones: their type, which the list says for all of
 * them. Custom resources keep theirs, as upstream.
 */
function joinItems(head: object, items: readonly StoredObject[], skipped: number): Uint8Array | PiecedBody {
  const start = Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  const separator = Buffer.from(skipped === 0 ? "," : ",{");
  let length = start.length + LIST_END.length;
  for (const [index, { bytes }] of items.entries()) {
    assert(skipped === 0 || bytes[skipped] === QUOTE, "A stored object does not begin with its type");
    length += (index === 0 ? separator.length - 1 : separator.length) + bytes.length - skipped;
  }
  const body = new PiecedBody(length, function* () {
    yield start;
    for (const [index, { bytes }] of items.entries()) {
      yield index === 0 ? separator.subarray(1) : separator;
      yield skipped === 0 ? bytes : bytes.subarray(skipped);
    }
    yield LIST_END;
  });
  return body.isShort ? body.whole() : body;
}

function notAcceptable(what: string): ApiError {
  return new ApiError("NotAcceptable", `you requested ${what}`);
}
