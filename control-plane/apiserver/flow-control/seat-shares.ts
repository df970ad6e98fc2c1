// How the server's seats are divided between priority levels: by their shares at first, then by what each has asked for of
// late, within what it must keep and may borrow.

import type { PriorityLevelConfigurationSpec } from "@atoll/api/generated/types";

export interface SeatBounds {
  readonly nominal: number;
  /** What it keeps however little it asks for. */
  readonly min: number;
  /** What it gets at most. */
  readonly max: number;
}

/** In the order of the levels. */
export function seatBounds(levels: readonly PriorityLevelConfigurationSpec[], total: number): SeatBounds[] {
  const shares = levels.map(({ limited, exempt }) => (limited ?? exempt)?.nominalConcurrencyShares ?? 0);
  const sum = shares.reduce((left, right) => left + right, 0);
  return levels.map(({ limited, exempt }, index) => {
    const nominal = sum === 0 ? 0 : Math.ceil((total * (shares[index] ?? 0)) / sum);
    const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100);
    const percent = limited?.borrowingLimitPercent;
    const borrowable = percent === undefined ? total : Math.round((nominal * percent) / 100);
    return { nominal, min: nominal - lendable, max: Math.min(total, nominal + borrowable) };
  });
}

export interface SeatDemand extends SeatBounds {
  /** The most seats that were wanted at once of late. */
  readonly wanted: number;
}

/** Halvings until a share is known to a millionth. */
const STEPS = 40;

/**
 * Seats for each level, in all about `total`: everybody gets the same multiple of what it wants, but not less than its minimum
 * and not more than its maximum.
 */
export function lendSeats(levels: readonly SeatDemand[], total: number): number[] {
  const give = (multiple: number) =>
    levels.map(({ wanted, min, max }) => Math.min(max, Math.max(min, multiple * Math.max(wanted, 1))));
  const sumOf = (seats: readonly number[]) => seats.reduce((left, right) => left + right, 0);
  let low = 0;
  let high = total;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (sumOf(give(middle)) > total) high = middle;
    else low = middle;
  }
  return give(low).map((seats) => Math.round(seats));
}
