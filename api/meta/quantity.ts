// Quantities: exact numbers with a suffix, "500m", "1.5Gi", "1e3". Kept as a whole number of billionths (bigint), never as a
// float; written in the canonical form that Kubernetes serves: no fraction, the largest suffix that loses nothing, and the
// family of suffixes that the text had.

export type QuantityFormat = "decimal" | "binary" | "exponent";

export interface Quantity {
  /** Billionths: what is smaller is rounded away from zero when read, as upstream does. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** More digits than this are a mistake or an attack; upstream's numbers end at 2^63. */
export const QUANTITY_LENGTH_MAX = 64;

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
/** 2^63 - 1 units: the largest number of the binary family. */
const BINARY_MAX_NANOS = ((1n << 63n) - 1n) * NANOS_PER_UNIT;

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const DECIMAL_SUFFIXES = Object.fromEntries(
  Object.entries(DECIMAL_EXPONENTS).map(([suffix, power]) => [power, suffix]),
);
const BINARY_SUFFIXES: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE])([+-]?\d{1,2})|([KMGTPE]i)|([numkMGTPE]?))$/;

/** Upstream's sentence for a text that is no quantity. */
export const QUANTITY_FORMAT_TEXT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Pods of one template say the same few amounts again and again: this many texts are remembered, and then all forgotten. */
const REMEMBERED_MAX = 1024;

const remembered = new Map<string, Quantity | undefined>();

/** Undefined when the value is no quantity. Numbers are read as JSON writes them. */
export function parseQuantity(value: string | number): Quantity | undefined {
  const text = String(value);
  if (text.length > QUANTITY_LENGTH_MAX) return undefined;
  const known = remembered.get(text);
  if (known || remembered.has(text)) return known;
  const quantity = readQuantity(text);
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(text, quantity);
  return quantity;
}

function readQuantity(text: string): Quantity | undefined {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "", e, exponent, binary, decimal] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const unscaled = BigInt(whole + fraction || "0");
  let numerator = unscaled * NANOS_PER_UNIT;
  let denominator = 10n ** BigInt(fraction.length);
  let format: QuantityFormat = "decimal";
  if (binary !== undefined) {
    format = "binary";
    numerator <<= 10n * BigInt(BINARY_SUFFIXES.indexOf(binary));
  } else {
    if (e !== undefined) format = "exponent";
    const power = e === undefined ? (DECIMAL_EXPONENTS[decimal ?? ""] ?? 0) : Number(exponent);
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  let nanos = (numerator + denominator - 1n) / denominator;
  if (format === "binary") {
    if (nanos > BINARY_MAX_NANOS) nanos = BINARY_MAX_NANOS;
    if (nanos > 0n && nanos < NANOS_PER_UNIT) format = "decimal";
  }
  return { nanos: sign === "-" ? -nanos : nanos, format };
}

/** The canonical text. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  const limit = 1024n * NANOS_PER_UNIT;
  if (format === "binary" && nanos % NANOS_PER_UNIT === 0n && (nanos <= -limit || nanos >= limit)) {
    let mantissa = nanos / NANOS_PER_UNIT;
    let step = 0;
    while (mantissa % 1024n === 0n && step < BINARY_SUFFIXES.length - 1) {
      mantissa /= 1024n;
      step += 1;
    }
    return `${mantissa}${BINARY_SUFFIXES[step]}`;
  }
  let mantissa = nanos;
  let power = -9;
  while (mantissa % 1000n === 0n && power < 18) {
    mantissa /= 1000n;
    power += 3;
  }
  if (format === "exponent") return power === 0 ? `${mantissa}` : `${mantissa}e${power}`;
  return `${mantissa}${DECIMAL_SUFFIXES[power]}`;
}

/**
 * The text that Kubernetes serves for what a client wrote: the canonical one, except that a text which upstream's fast path
 * takes for canonical stays as it is ("0.1" becomes "100m", but "1.500" is kept). Undefined when the value is no quantity.
 */
export function normalizeQuantity(value: string | number): string | undefined {
  const quantity = parseQuantity(value);
  if (!quantity) return undefined;
  const text = String(value);
  let normalized = normalizedTexts.get(text);
  if (normalized === undefined) {
    normalized = isKeptAsWritten(text) ? text : formatQuantity(quantity);
    if (normalizedTexts.size >= REMEMBERED_MAX) normalizedTexts.clear();
    normalizedTexts.set(text, normalized);
  }
  return normalized;
}

const normalizedTexts = new Map<string, string>();

/** Away from zero, where there are smaller parts than thousandths; any other text stays as it is. */
export function roundToMillis(text: string): string {
  const quantity = parseQuantity(text);
  if (!quantity || quantity.nanos % NANOS_PER_MILLI === 0n) return text;
  const { nanos, format } = quantity;
  const millis = nanos / NANOS_PER_MILLI + (nanos > 0n ? 1n : -1n);
  return formatQuantity({ nanos: millis * NANOS_PER_MILLI, format });
}

/** Digits that always fit into a 64-bit integer. */
const DIGITS_MAX = 18;

function isKeptAsWritten(text: string): boolean {
  const [, , digits = "", , exponent, binary, decimal] = QUANTITY.exec(text) ?? [];
  const [whole = "", fraction = ""] = digits.split(".");
  const significant = whole.replace(/^0+/, "") || "0";
  const shifted = significant + fraction;
  if (binary !== undefined) {
    // A count of 1024s that no larger suffix could take.
    const roomLeft = 14 - significant.length - Math.trunc(BINARY_SUFFIXES.indexOf(binary) * 3);
    return fraction === "" && roomLeft >= 0 && BigInt(shifted) % 8n !== 0n;
  }
  const power = (exponent === undefined ? (DECIMAL_EXPONENTS[decimal ?? ""] ?? 0) : Number(exponent)) - fraction.length;
  return (
    shifted.length <= DIGITS_MAX &&
    power >= -9 &&
    power % 3 === 0 &&
    !shifted.endsWith("000") &&
    !shifted.startsWith("0")
  );
}

/** Below, equal to or above zero as `a` is to `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum, in the format of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export const ZERO_QUANTITY: Quantity = { nanos: 0n, format: "decimal" };

/** Whole units, rounded up: bytes of a memory quantity, processors of a CPU quantity. */
export function toUnits(quantity: Quantity): bigint {
  return divideUp(quantity.nanos, NANOS_PER_UNIT);
}

/** Thousandths, rounded up: millicores of a CPU quantity. */
export function toMillis(quantity: Quantity): bigint {
  return divideUp(quantity.nanos, NANOS_PER_MILLI);
}

export function fromUnits(units: bigint, format: QuantityFormat = "decimal"): Quantity {
  return { nanos: units * NANOS_PER_UNIT, format };
}

function divideUp(value: bigint, by: bigint): bigint {
  return value > 0n ? (value + by - 1n) / by : value / by;
}
