/** Each batch takes the time of one write to the store, however large it is, so the batches should be few. */
const GROWTH = 4;

/**
 * Runs `work` `count` times in growing batches and stops after the first one with a failure: when every creation is refused
 * (a quota, say) that costs one call, not hundreds. `first` is the size of the first batch, for whom others have gone
 * before. Gives how many succeeded and what the first failure was.
 */
export async function slowStart(
  count: number,
  work: (index: number) => Promise<void>,
  first = 1,
): Promise<{ readonly succeeded: number; readonly failure?: unknown }> {
  let succeeded = 0;
  let started = 0;
  for (let batch = first; started < count; batch *= GROWTH) {
    const size = Math.min(batch, count - started);
    const results = await Promise.allSettled(Array.from({ length: size }, (_, offset) => work(started + offset)));
    started += size;
    succeeded += results.filter((result) => result.status === "fulfilled").length;
    const failed = results.find((result) => result.status === "rejected");
    if (failed) return { succeeded, failure: failed.reason };
  }
  return { succeeded };
}
