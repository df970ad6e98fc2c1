// A long piece of work in steps: between them others have their turn. Node runs one thing at a time, and all that has come in
// meanwhile waits for its end.

import type { Eventual } from "../eventual.ts";

/** A step of this length is let to go on: a whole request takes a tenth of it as a rule. */
const STEP_MS = 10;
/** Short steps of many go on together for so long. */
const TURN_MS = 30;

/** When this turn of the event loop began, as far as is known: when somebody first asked in it, or was woken. */
let turnBeganMs: number | undefined;
/** When the step that ends now began. */
let stepBeganMs = 0;
/** Whose own step was long. */
const long: (() => void)[] = [];
/** Whose turn was long by the steps of others. */
const short: (() => void)[] = [];
let isWaking = false;
let hasWokenShort = false;

/**
 * To be asked before long work and between its steps. A promise, where the step before or the whole turn of the event loop took
 * long, that resolves in a later one; undefined where there is no need to wait. Many short requests in one turn go on together,
 * also after they had to wait: others count on it, to do for all what each of them asks for.
 */
export function endOfLongStep(): Promise<void> | undefined {
  const nowMs = performance.now();
  const stepMs = nowMs - stepBeganMs;
  stepBeganMs = nowMs;
  if (turnBeganMs === undefined) {
    turnBeganMs = nowMs;
    setImmediate(endTurn);
    return undefined;
  }
  if (stepMs >= STEP_MS) return nextTurn(long);
  return nowMs - turnBeganMs < TURN_MS ? undefined : nextTurn(short);
}

/** Does work that yields wherever others may have their turn. What never does is there at once. */
export function doInSteps<T>(work: Generator<void, T>): Eventual<T> {
  const { done, value } = work.next();
  return done ? value : goOnInSteps(work);
}

async function goOnInSteps<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const pause = endOfLongStep();
    if (pause) await pause;
    const { done, value } = work.next();
    if (done) return value;
  }
}

function endTurn(): void {
  turnBeganMs = undefined;
}

function nextTurn(waiting: (() => void)[]): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!isWaking) setImmediate(wakeSome);
    isWaking = true;
  });
}

/** One with long steps, or all with short ones: the long steps of all of them would be as long as no step at all. */
function wakeSome(): void {
  const isShort = short.length > 0 && (long.length === 0 || !hasWokenShort);
  hasWokenShort = isShort;
  turnBeganMs = performance.now();
  stepBeganMs = turnBeganMs;
  // What is woken goes on in microtasks. Behind them, for whoever comes next is not to wait for this turn once more.
  queueMicrotask(() => process.nextTick(goOn));
  for (const wake of (isShort ? short : long).splice(0, isShort ? short.length : 1)) wake();
}

function goOn(): void {
  endTurn();
  isWaking = short.length + long.length > 0;
  if (isWaking) setImmediate(wakeSome);
}
