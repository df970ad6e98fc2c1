import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { showStructs, showZeros, zeroPlanOf } from "./zero-values.ts";

/** In place: what a body need not say. As upstream's, a kind's defaults see the structs that are always there. */
export function completeObject({ applyDefaults, schema }: KindDefinition, object: KubeObject): void {
  const zeros = zeroPlanOf(schema);
  showStructs(zeros, object);
  applyDefaults?.(object);
  showZeros(zeros, object);
}
