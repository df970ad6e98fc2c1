// Texts and numbers that programs trip over.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";

export function below(random: Random, limit: number): number {
  return Math.floor(random.float() * limit);
}

/** Mostly small, now and then `limit`. */
export function skewed(random: Random, limit: number): number {
  return Math.floor(limit ** random.float());
}

const TEXTS = [
  ...[
    "",
    " ",
    "\u0000",
    "\n",
    "\r\n",
    "\t",
    "\\",
    '"',
    "'",
    "`",
    "%",
    "%00",
    "%2e%2e%2f",
    "../../etc",
    "..",
    ".",
    "/",
    "//",
  ],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length", "then", "$ref"],
  ...["null", "undefined", "NaN", "Infinity", "true", "0", "-0", "1e309", "0x10", "1_000", "9223372036854775808"],
  ...["\ud800", "\udfff\ud800", "\ufeff", "\u2028", "İ", "ß", "ﬀ", "e\u0301", "🏝", "\u202e", "a\u0000b", "\u007f"],
  ...[
    "-",
    "--",
    "a-",
    "-a",
    "a..b",
    "a.-b",
    "A",
    "_",
    "*",
    "a/b/c",
    "/a",
    "a/",
    "=",
    ",",
    "!",
    "(",
    ")",
    "in",
    "notin",
  ],
  ...["{}", "[]", "#{x}", "{{.}}", "$(X)", "$$", "<script>", "; rm", "'; --", "(?=", "(a+)+$", "[", "^(a|a)*$", "\\1"],
  ...["10.0.0.1/33", "::1%eth0", "256.1.1.1", "01.2.3.4", "fe80::", "0.0.0.0/0", "http://[::1", "http://a:b@c:99999/"],
  ...[
    "2026-13-45T99:99:99Z",
    "2026-01-02T03:04:05.1234567890123Z",
    "1Ei",
    "1e-99999",
    "1e99999999",
    "+1",
    "1m1",
    "0.1Ki",
  ],
] as const;

/** What makes readers that look back, or copy a piece at a time, slow when it is long. */
const REPEATED = [
  "a",
  "-",
  ".",
  "a-",
  "a.",
  "0",
  "9",
  "/",
  "\\",
  "ä",
  " ",
  "(",
  "((",
  "*",
  "\u0000",
  "aA",
  "a,",
  "🏝",
  "1.",
];
const TEXT_LENGTH_MAX = 200_000;

export function oddText(random: Random): string {
  const draw = random.float();
  if (draw < 0.75) return pick(random, TEXTS);
  if (draw < 0.97) return longText(random, 300);
  return longText(random, TEXT_LENGTH_MAX);
}

/** The same again and again, with another end. */
export function longText(random: Random, lengthMax: number): string {
  const part = pick(random, REPEATED);
  const count = Math.ceil(skewed(random, lengthMax) / part.length);
  return part.repeat(count) + pick(random, ["", "!", "\n", "-", "a", "\u0000"]);
}

/** As JSON's text, for numbers that JavaScript cannot write. */
const NUMBERS = [
  ...["0", "-0", "-1", "1e308", "1e309", "-1e309", "1e-400", "0.1", "1.5", "1E5", "2147483648", "4294967296"],
  ...["9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616"],
  ...["1".repeat(400), `0.${"0".repeat(400)}1`, "01", "+1", ".5", "1.", "0x10", "1e", "--1", "NaN", "Infinity", "1_0"],
] as const;

export function oddNumberText(random: Random): string {
  return pick(random, NUMBERS);
}

export function oddValue(random: Random): unknown {
  const draw = random.float();
  if (draw < 0.6) return oddText(random);
  if (draw < 0.85) {
    return pick<unknown>(random, [
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 31,
      2 ** 53,
      -(2 ** 63),
      1e300,
      [],
      {},
      [[]],
      [null],
      "x",
    ]);
  }
  return Object.fromEntries([[oddText(random), pick<unknown>(random, [1, "a", null, {}, []])]]);
}

/** Wrapped in itself. */
export function nested(open: string, inner: string, close: string, depth: number): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

/** Bytes changed here and there: turned over, taken out, put in, doubled, cut off. */
export function spoilBytes(random: Random, bytes: Uint8Array): Buffer {
  let spoiled = Buffer.from(bytes);
  const times = 1 + below(random, 4);
  for (let time = 0; time < times && spoiled.length > 0; time++) {
    const at = below(random, spoiled.length);
    const draw = random.float();
    if (draw < 0.3) spoiled[at] = below(random, 256);
    else if (draw < 0.45) spoiled[at] = (spoiled[at] ?? 0) ^ (1 << below(random, 8));
    else if (draw < 0.6)
      spoiled = Buffer.concat([spoiled.subarray(0, at), random.bytes(1 + below(random, 8)), spoiled.subarray(at)]);
    else if (draw < 0.75)
      spoiled = Buffer.concat([spoiled.subarray(0, at), spoiled.subarray(at + 1 + below(random, 16))]);
    else if (draw < 0.85) spoiled = Buffer.concat([spoiled, spoiled.subarray(at, at + below(random, 200))]);
    else if (chance(random, 0.5)) spoiled = spoiled.subarray(0, at);
    else spoiled = spoiled.subarray(at);
  }
  return spoiled;
}
