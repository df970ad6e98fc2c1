/**
 * Runs `work` `count` times in batches of 1, 2, 4, … and stops after the first batch with a failure: when every creation
 * is refused (a quota, say) that costs one call, not hundreds. Gives how many succeeded and what the first failure was.
 */
export async function slowStart(
  count: number,
  work: (index: number) => Promise<void>,
): Promise<{ readonly succeeded: number; readonly failure?: unknown }> {
  let succeeded = 0;
  let started = 0;
  for (let batch = 1; started < count; batch = Math.min(batch * 2, count - started)) {
    const size = Math.min(batch, count - started);
    const results = await Promise.allSettled(Array.from({ length: size }, (_, offset) => work(started + offset)));
    started += size;
    succeeded += results.filter((result) => result.status === "fulfilled").length;
    const failed = results.find((result) => result.status === "rejected");
    if (failed) return { succeeded, failure: failed.reason };
  }
  return { succeeded };
}
