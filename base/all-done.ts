/**
 * The results of works that go on side by side. Unlike `Promise.all` it waits for all of them also when one fails: who then
 * cleans up finds nothing that is still being made.
 */
export async function allDone<Results extends readonly unknown[]>(
  works: {
    readonly [Index in keyof Results]: Promise<Results[Index]>;
  },
): Promise<Results> {
  await Promise.allSettled(works);
  // Every one of them is settled, so this only picks the results, or the first failure.
  return (await Promise.all(works)) as unknown as Results; // the mapped type and its tuple are the same, which the compiler cannot see
}
