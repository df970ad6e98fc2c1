import type { Image } from "@atoll/api/imagecontroller/image/kind";

export type { Image };

/** True when the status answers the spec as it is now. */
export function imageIsCurrent(image: Image): boolean {
  return image.status?.observedGeneration === (image.metadata.generation ?? 0);
}

/** True while the host named in the spec has something to do: nothing done yet, interrupted, or due again. */
export function imageNeedsPull(image: Image, nowMs: number): boolean {
  const { status } = image;
  if (!imageIsCurrent(image) || !status?.phase) return true;
  if (status.phase === "Ready") return false;
  if (status.phase !== "Failed") return true;
  return status.nextRetryTime === undefined || Date.parse(status.nextRetryTime) <= nowMs;
}
