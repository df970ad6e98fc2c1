// The few facts about writes in which kinds differ and that clients rely on. Each is a field of the kind's definition, beside
// the rest of its data; what most kinds do is what happens where it is left out.

/** From the object down: `["metadata", "labels"]`. */
export type FieldPath = readonly string[];

export interface WriteRules {
  /** A PUT to a name that does not exist creates it. */
  readonly isCreatedByUpdate?: boolean;
  /** A PUT without a resourceVersion is refused: the writer must have read what it replaces. */
  readonly requiresVersion?: boolean;
  /** A DELETE that takes effect at once answers with the last state instead of a Status. */
  readonly isReturnedByDelete?: boolean;
  /** A DELETE only marks the object: what belongs to it is cleared away first. */
  readonly isClearedAway?: boolean;
  /**
   * When `metadata.generateName` is checked like a name, where that is not with new objects alone: `"always"` is down to updates,
   * when nobody needs it any more, `"never"` is once it is a name. Else it need only be a part of a path.
   */
  readonly checksGenerateName?: "always" | "never";
  /** Nothing is said of a new object's metadata while there is something to say of the rest. */
  readonly checksMetadataLast?: boolean;
  /** Finalizers may have any name; or may only where they come with a write to the status, at which nobody looks. */
  readonly takesAnyFinalizer?: true | "inStatus";
  /**
   * What of the metadata comes with a write to the status, where that is not all that a client may change. `"generateName"` alone
   * is what upstream forgets to put back, though it means nothing any more.
   */
  readonly statusCarries?: "generateName" | "nothing";
  /**
   * By the subresource, `""` for the object itself: fields that a write in this way leaves as they are, whatever it says of them;
   * nobody comes to own them by naming them. Left out: the status, and in a write to the status the spec and the metadata that it
   * does not carry.
   */
  readonly resetFields?: Readonly<Record<string, readonly FieldPath[]>>;
}

/** Of kinds that their authors define, and of our own ones, which are to others what those are. */
export const CUSTOM_RESOURCE_RULES: WriteRules = {
  requiresVersion: true,
  takesAnyFinalizer: true,
  statusCarries: "nothing",
};
