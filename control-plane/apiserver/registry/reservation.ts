// What an object takes from a pool outside itself: a service's address, its ports on the hosts. The pool's records are written
// in the very transaction that writes the object, so that both are there or neither is: nothing is ever to be given back, and
// no crash leaves an address that nobody has or two have. Kinds that take nothing pay nothing.

import type { KubeObject } from "@atoll/api/resource";
import type { Compare, WriteOperation } from "../../store/store.ts";

/** Put down together with the object, or not at all. */
export interface Companions {
  /** What was read of the pool and must still be so. When it is not, everything is asked again. */
  readonly compares: readonly Compare[];
  readonly writes: readonly WriteOperation[];
}

export interface Reserver {
  /** Completes a new object, in place, with what it is given. Throws ApiError where nothing can be given. */
  create(object: KubeObject): Promise<Companions>;
  /** Completes the object, in place; what `old` had and `object` no longer needs goes back. */
  update(object: KubeObject, old: KubeObject): Promise<Companions>;
  /** Everything that the object had goes back. */
  delete(object: KubeObject): Promise<Companions>;
}

/** Others who were quicker this many times in a row mean a pool that is nearly empty and much wanted. */
export const RESERVATION_ATTEMPTS_MAX = 32;
