// Numbers as text, and reckoning that notices when 64 bits do not hold the outcome.

import { CelError, type CelValue } from "./values.ts";

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

export function isInt64(value: bigint): boolean {
  return value >= INT_MIN && value <= INT_MAX;
}

export function isUint64(value: bigint): boolean {
  return value >= 0n && value <= UINT_MAX;
}

export function checkedInt(value: bigint): CelValue {
  return isInt64(value) ? value : new CelError("integer overflow");
}

/** The int of a double, towards zero; undefined: an int cannot hold it. */
export function doubleToInt(value: number): bigint | undefined {
  // Just below 2^63 doubles are 1024 apart; upstream refuses the ends too.
  if (Number.isNaN(value) || value <= -(2 ** 63) || value >= 2 ** 63) return undefined;
  return BigInt(Math.trunc(value));
}

export function doubleToUint(value: number): bigint | undefined {
  if (Number.isNaN(value) || value < 0 || value >= 2 ** 64) return undefined;
  return BigInt(Math.trunc(value));
}

/** As Go's "%g" prints it: the fewest digits that read back the same, an exponent below 1e-4 and from a million on. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return plainDigits(value);
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** Without an exponent, however small or large. */
export function plainDigits(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = "", first = "", rest = "", power = ""] = match;
  const digits = first + rest;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, "0");
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
