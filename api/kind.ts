// The shape that every kind repeats. One folder per kind, `api/<group>/<kind>/`, with these files:
//
//   kind.ts         the definition below: registry facts, all data
//   defaults.ts     what the server fills in, as pure functions on a parsed object (left out where there is nothing)
//   validation.ts   what the server refuses beyond the schema, as pure functions (left out where there is nothing)
//   columns.ts      what `kubectl get` prints, as pure functions
//
// `api/kinds.ts` lists them all. Functions here see one object (and the old one), never a store, a clock or another object;
// what needs more is admission, in `control-plane/apiserver/admission/`.

import type { NameRule } from "./meta/names.ts";
import type { ObjectMeta } from "./meta/types.ts";
import type { KubeObject, Resource } from "./resource.ts";
import type { WriteRules } from "./write-rules.ts";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

export const ALL_VERBS: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/** One thing wrong with an object, in the words and paths that kubectl shows. */
export interface FieldError {
  readonly type:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueNotSupported"
    | "FieldValueForbidden"
    | "FieldValueDuplicate"
    | "FieldValueNotFound"
    | "FieldValueTooLong"
    | "FieldValueTooMany"
    | "FieldValueTypeInvalid"
    | "InternalError";
  /** "spec.containers[0].name" */
  readonly field: string;
  /** Upstream's text after the path, `Required value` or `Invalid value: "x": must be …`. */
  readonly message: string;
  /** What the message shows as JSON, where that is an object or a list: the server shows it by other names. */
  readonly value?: object;
  /** The definition of that value, where the field is another one. */
  readonly valueType?: string;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description: string;
  /** 0: always; 1: only with `-o wide`. */
  readonly priority: 0 | 1;
}

export type Cell = string | number | boolean | null;

/** A subresource that is stored with its parent ("status", "scale") or carried out elsewhere ("log", "exec", "binding"). */
export interface SubresourceDefinition {
  readonly name: string;
  readonly verbs: readonly (Verb | "connect")[];
  /** The kind its bodies have, when it is not the parent's: "Scale", "Binding", "Eviction", "PodExecOptions". */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

/** The status as a subresource of its own, read and written by whoever carries the object out. */
export const STATUS_SUBRESOURCE: SubresourceDefinition = { name: "status", verbs: ["get", "patch", "update"] };

/** The number of replicas, in the form that all workloads share. */
export const SCALE_SUBRESOURCE: SubresourceDefinition = {
  name: "scale",
  verbs: ["get", "patch", "update"],
  kind: "Scale",
  group: "autoscaling",
  version: "v1",
};

/** How the objects of one version are kept as those of another: both ways lose nothing that either can say. */
export interface StoredForm<T extends KubeObject = KubeObject> {
  /** The kind that the store holds; it is served, too, and has no such form itself. */
  readonly resource: Resource;
  /** Its name in the schema model. */
  readonly schema: string;
  /** Belongs to the caller; shares nothing that either changes later. */
  readonly toStored: (object: T) => KubeObject;
  readonly fromStored: (stored: KubeObject) => T;
}

/** A value of a wrong type. The message is a whole sentence by itself, as upstream's decoder words it. */
export interface TypeMismatch extends FieldError {
  readonly sent: unknown;
  /** As Go calls it: "int32", "[]v1.Container". */
  readonly wantedType: string;
  /** The same by the name that upstream gave to it: "v1.Protocol" for a "string". */
  readonly namedType?: string;
}

/**
 * What is wrong with the expression that stands at a path; nothing where it is sound. Whoever can read expressions hands it to the
 * checks of kinds that have some.
 */
export type FaultsAt = (path: string) => readonly FieldError[];

/** What was read of a body. */
export interface DecodedObject {
  /** Only to be used when there are no errors. */
  readonly object: Record<string, unknown>;
  readonly errors: readonly TypeMismatch[];
  /** Paths of what is not in the object because the kind has no such field. */
  readonly unknownFields: readonly string[];
}

/** A subresource whose body is the object itself and that changes one part of it. */
export interface PartialUpdate<T extends KubeObject = KubeObject> {
  /** In place, on what the client sent: everything but the part becomes what it was. */
  readonly prepare: (object: T, old: T) => void;
  readonly validate: (object: T, old: T) => FieldError[];
}

export interface KindDefinition<T extends KubeObject = KubeObject> extends WriteRules {
  readonly resource: Resource<T>;
  /**
   * Set on custom resources alone: how a body is read, where the schema model knows too little of it. It defaults, too. The
   * argument is not changed.
   */
  readonly decode?: (json: Readonly<Record<string, unknown>>) => DecodedObject;
  /** Set together with it: how the outcome of an apply is read, which keeps what the schema does not know until it is stored. */
  readonly decodeApplied?: (json: Readonly<Record<string, unknown>>) => DecodedObject;
  /** Set on all versions of a kind but one, and on a kind that shows another group's objects. */
  readonly storedAs?: StoredForm<T>;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly Verb[];
  readonly subresources: readonly SubresourceDefinition[];
  /** Name in the generated schema model: "io.k8s.api.core.v1.Pod". */
  readonly schema: string;
  /** How `metadata.name` is checked. */
  readonly nameRule: NameRule;
  /** True: status is a subresource of its own, and no other write moves it. */
  readonly hasStatus: boolean;
  /** Whether a new object may bring its status along; left out: it is dropped. */
  readonly keepsStatusOfNew?: boolean;
  /**
   * Whether changes beside metadata and status raise `metadata.generation`; as `hasStatus` where it is left out. New objects have
   * the first generation, or none before their first change, or the first one for ever.
   */
  readonly countsGenerations?: boolean | "sinceFirstChange" | "firstOnly";
  /** A part of the metadata whose changes raise it, too. */
  readonly countedMetadata?: "annotations" | "labels";
  /** What is said to be empty raises it each time anew, though it is stored as nothing. */
  readonly countsSaidEmpty?: boolean;
  /** Objects vanish so long after their last write. */
  readonly ttlSeconds?: number;
  /** Fields `?fieldSelector=` may name beside metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>;
  /** Fills in defaults in place, after the schema check and before admission. Must be idempotent. */
  readonly applyDefaults?: (object: T) => void;
  /** In place: what a client may not set when it creates (status, usually). `hasStatus` kinds lose their status by itself. */
  readonly prepareForCreate?: (object: T) => void;
  /** In place, on the new object: what a client may not change with this call. */
  readonly prepareForUpdate?: (object: T, old: T) => void;
  /** Likewise for a write to the status; also what the status needs beside what was sent. */
  readonly prepareForStatusUpdate?: (object: T, old: T) => void;
  /** In place, when a deletion begins: what must hold the object until somebody has cleaned up after it. */
  readonly prepareForDelete?: (object: T) => void;
  readonly validateCreate?: (object: T, faultsAt?: FaultsAt) => FieldError[];
  readonly validateUpdate?: (object: T, old: T, faultsAt?: FaultsAt) => FieldError[];
  readonly validateStatusUpdate?: (object: T, old: T) => FieldError[];
  /**
   * Set on kinds whose dependents stay when an object is deleted without a word about them, as their first clients expect.
   * Those who say nothing are told so by the warning.
   */
  readonly orphansDependents?: { readonly warning: string | undefined };
  /** By the subresource's name; they are read and written as the status is. */
  readonly partialUpdates?: Readonly<Record<string, PartialUpdate<T>>>;
  /** What whoever asks for the kind at all is told: that there is a better one. */
  readonly deprecation?: string;
  /** What whoever writes the object is told although it is taken; `old` is what it was before the write. */
  readonly warningsOf?: (object: T, old?: T) => string[];
  /** What is shown of the metadata where nothing else of the object is; all of it where it is left out. */
  readonly metadataAlone?: (metadata: ObjectMeta) => ObjectMeta;
  /** Columns of the Table form; the first is always Name. Cells in the same order. */
  readonly columns: readonly PrinterColumn[];
  readonly printRow: (object: T, nowMs: number) => readonly Cell[];
  /** Seconds of grace a DELETE gives where the caller says nothing; undefined: deleted at once (Pods override). */
  readonly defaultDeletionGraceSeconds?: (object: T) => number | undefined;
}
