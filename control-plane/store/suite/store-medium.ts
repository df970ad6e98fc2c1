// What a maker of a store brings to the suite, and how a test of the suite is given a store.

import type { Clock } from "@atoll/base/clock";
import type { VirtualClock } from "@atoll/base/node/virtual-clock";
import type { Store } from "../store.ts";

/** Where a maker keeps its data; gone when disposed. */
export interface StoreMedium extends AsyncDisposable {
  /** True when a store opened again has what was acknowledged before. */
  readonly persists: boolean;
  /** True when a server keeps the data: its clock ends leases, and it puts concurrent writes into an order of its own. */
  readonly isServer?: boolean;
  open(clock: Clock): Promise<Store>;
}

export type StoreMaker = () => Promise<StoreMedium>;

/** A test with a store of its own and a clock that stands still. */
export type TestOpen = (
  sentence: string,
  run: (store: Store, clock: VirtualClock, medium: StoreMedium) => Promise<void>,
) => void;
