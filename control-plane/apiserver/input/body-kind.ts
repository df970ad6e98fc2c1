import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";

/** What a body should be. */
export interface BodyKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Name in the schema model. */
  readonly schema: string;
  /** Where the schema model is not what says how it is read. */
  readonly decode?: KindDefinition["decode"];
  /** The options of a request: what is wrong with them is said without their kind. */
  readonly isOptions?: boolean;
}

export function bodyKindOf(kind: KindDefinition): BodyKind {
  const { resource, schema, decode } = kind;
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, schema, ...(decode ? { decode } : {}) };
}
