import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";

/** What a body should be. */
export interface BodyKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** Name in the schema model. */
  readonly schema: string;
}

export function bodyKindOf(kind: KindDefinition): BodyKind {
  return { apiVersion: apiVersionOf(kind.resource), kind: kind.resource.kind, schema: kind.schema };
}
