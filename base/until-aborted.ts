/** What `waiting` gives, or the signal's reason as soon as it aborts: what is waited for may go on for others. */
export async function untilAborted<T>(waiting: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return waiting;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, waiting]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
