import type { RegistryEnvironment } from "./environment.ts";
import type { FaultsAt, FieldError } from "@atoll/api/kind";
import type { ManagedFields } from "./field-managers.ts";
import type { GenericObject } from "./object-fields.ts";
import type { Target, WriteOptions } from "./write-options.ts";

/** One attempt to write one object. */
export interface ObjectWrite {
  readonly environment: RegistryEnvironment;
  readonly target: Target;
  readonly options: WriteOptions;
  /** What is stored now, shared with all readers. Undefined: the object is new. */
  readonly old: GenericObject | undefined;
  /** What shall be stored, as far as it has come. Belongs to the write; a step may put another one in its place. */
  object: GenericObject;
}

/** How one way into an object fills the steps that all writes take: a new object, a change of it, of its status, of a part. */
export interface WayIn {
  /** Who owns what of a complete object, by what was sent. Pauses between the items of long lists. */
  own(write: ObjectWrite): Generator<void, ManagedFields>;
  /** Makes what may not be written this way what it was. */
  takeBack(write: ObjectWrite): void;
  /** All that is wrong. Pauses between the items of long lists. */
  check(write: ObjectWrite, faultsAt: FaultsAt | undefined): Generator<void, readonly FieldError[]>;
  warn(write: ObjectWrite): void;
}
