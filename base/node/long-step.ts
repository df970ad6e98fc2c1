// A long piece of work in steps: between them others have their turn. Node runs one thing at a time, and all that has come in
// meanwhile waits for its end.

/** A step of this length is let to go on: a whole request takes a tenth of it as a rule. */
const STEP_MS = 10;

/** When somebody last asked in the turn of the event loop that runs now; undefined: nobody has yet. */
let askedLastMs: number | undefined;

/**
 * To be asked between the steps. A promise, where the step before took long, that resolves in a later turn of the event loop;
 * undefined where there is no need to wait. Many short requests in one turn go on together: others count on it, to do for all
 * what each of them asks for.
 */
export function endOfLongStep(): Promise<void> | undefined {
  const nowMs = performance.now();
  const stepMs = nowMs - (askedLastMs ?? nowMs);
  if (askedLastMs === undefined) {
    setImmediate(() => {
      askedLastMs = undefined;
    });
  }
  askedLastMs = nowMs;
  return stepMs < STEP_MS ? undefined : new Promise((resolve) => setImmediate(resolve));
}
