// From a least to a most: of a cost, or of a size. What passes 64 bits stays at their end.

export interface CostRange {
  readonly min: number;
  readonly max: number;
}

export const UNBOUNDED = 2 ** 64;
export const ZERO: CostRange = fixed(0);
export const ONE: CostRange = fixed(1);
export const UNKNOWN: CostRange = { min: 0, max: UNBOUNDED };

export function fixed(amount: number): CostRange {
  return { min: amount, max: amount };
}

export function add(...ranges: readonly CostRange[]): CostRange {
  let min = 0;
  let max = 0;
  for (const range of ranges) {
    min += range.min;
    max += range.max;
  }
  return { min: Math.min(min, UNBOUNDED), max: Math.min(max, UNBOUNDED) };
}

export function multiply(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min * b.min, UNBOUNDED), max: Math.min(a.max * b.max, UNBOUNDED) };
}

/** Rounded up. */
export function scale({ min, max }: CostRange, factor: number): CostRange {
  return { min: Math.min(Math.ceil(min * factor), UNBOUNDED), max: Math.min(Math.ceil(max * factor), UNBOUNDED) };
}

export function union(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
