// Waiting for a reader that has enough for now, and letting go of one that takes no more.

import type { Clock } from "@atoll/base/clock";
import type { PieceTarget } from "./piece-target.ts";

/** A reader that takes nothing for this long is let go. */
const WRITE_STALL_MS = 30_000;

/** What ends with the reader. */
interface Closing extends Pick<PieceTarget, "on" | "off"> {
  destroy(): unknown;
}

/** Resolves when `target` takes more, or when nobody reads any more. */
export async function waitForRoom(target: PieceTarget, closing: Closing, clock: Clock): Promise<void> {
  using _stall = clock.setTimer(WRITE_STALL_MS, () => closing.destroy());
  await new Promise<void>((resolve) => {
    const done = () => {
      target.off("drain", done);
      closing.off("close", done);
      resolve();
    };
    target.on("drain", done);
    closing.on("close", done);
  });
}
