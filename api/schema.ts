// The schema model: what every definition of the API looks like, as data. Decoding, patches, server-side apply and the
// OpenAPI documents all read it; `tools/generate.ts` makes it for Kubernetes' kinds, our own kinds write theirs by hand.
// It is OpenAPI's vocabulary with shorter names, and references by name.

export interface SchemaModel {
  readonly definitions: Readonly<Record<string, Schema>>;
}

export interface Schema {
  readonly description?: string;
  /** Name of the definition that stands here; then only `description` and the list and patch facts are set beside it. */
  readonly ref?: string;
  /** Undefined without a `ref`: any JSON value. */
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: SchemaFormat;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Values of a map. An object with neither properties nor this keeps whatever it holds. */
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly default?: unknown;

  /** Server-side apply: how a list merges; undefined is atomic. */
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  /** Server-side apply: an atomic object is replaced as a whole. */
  readonly mapType?: "granular" | "atomic";
  /** Strategic merge patch. */
  readonly patchStrategy?: readonly ("merge" | "replace" | "retainKeys")[];
  readonly patchMergeKey?: string;
  /** What the OpenAPI documents say instead: custom resources have more in their schemas than this vocabulary. */
  readonly published?: Readonly<Record<"v2" | "v3", Readonly<Record<string, unknown>>>>;
  /** Set on definitions that are whole objects: what their apiVersion and kind say. */
  readonly kinds?: readonly GroupVersionKind[];
}

export type SchemaFormat =
  | "byte"
  /** A string that a schema of other people checks. */
  | "checked"
  | "date-time"
  /** Six digits after the second. */
  | "date-time-micro"
  | "double"
  | "int32"
  | "int64"
  | "int-or-string"
  /** A number with a suffix, "500m" or "1Gi". */
  | "quantity";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
