// Frames that many watchers are sent, made once. The newest are kept, up to a number of bytes: watchers that are up to date
// come for an event within a moment of each other. The events themselves are not held: the history forgets them when it is full.

import type { WatchEventType } from "@atoll/api/meta/types";
import type { ObjectEvent } from "../registry/resource-store.ts";

interface Frames {
  /** As watchers with different selections see the event. */
  readonly byType: Map<WatchEventType, Uint8Array>;
  bytes: number;
}

export class SharedFrames {
  readonly #bytesMax: number;
  readonly #frames = new WeakMap<ObjectEvent, Frames>();
  /** In the order in which they were first asked for. */
  readonly #kept = new Set<Frames>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Of bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  frame(event: ObjectEvent, type: WatchEventType, make: () => Uint8Array): Uint8Array {
    const known = this.#frames.get(event);
    const shared = known?.byType.get(type);
    if (shared) return shared;
    const made = make();
    if (made.length > this.#bytesMax) return made;
    const frames = known ?? { byType: new Map(), bytes: 0 };
    this.#frames.set(event, frames);
    this.#kept.add(frames);
    frames.byType.set(type, made);
    frames.bytes += made.length;
    this.#bytes += made.length;
    this.#forgetOldest();
    return made;
  }

  #forgetOldest(): void {
    for (const frames of this.#kept) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#kept.delete(frames);
      this.#bytes -= frames.bytes;
      frames.byType.clear();
      frames.bytes = 0;
    }
  }
}
