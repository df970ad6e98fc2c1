import { CostExceeded } from "../evaluate/evaluation.ts";

/** No object holds a longer text, for the store takes 1.5 MiB. What is longer an expression has made, to be expensive. */
export const TEXT_LENGTH_MAX = 2 * 1024 * 1024;

/** Before a text is made: what it costs is known only when it is there. Throws CostExceeded. */
export function checkLength(units: number): void {
  if (units > TEXT_LENGTH_MAX) throw new CostExceeded();
}
