// JSON and YAML made odd as text: what no writer of them would write.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { below, nested, oddNumberText, oddText, skewed, spoilBytes } from "./odd-values.ts";

const DEPTH_MAX = 200_000;
const REPEATS_MAX = 50_000;

type Change = (random: Random, text: string) => string | Uint8Array;

/** One of the values in the text in place of another one. */
function replaceValue(random: Random, text: string, value: string): string {
  const places = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g)];
  if (places.length === 0) return value;
  const place = pick(random, places);
  const start = place.index + 1;
  return text.slice(0, start) + value + text.slice(place.index + place[0].length);
}

function intoMap(text: string, field: string): string {
  const at = text.indexOf("{") + 1;
  return at === 0 ? text : `${text.slice(0, at)}${field},${text.slice(at)}`;
}

const CHANGES: readonly Change[] = [
  (random, text) => spoilBytes(random, Buffer.from(text)),
  (random, text) => text.slice(0, below(random, text.length)),
  (random, text) => replaceValue(random, text, oddNumberText(random)),
  (random, text) => replaceValue(random, text, JSON.stringify(oddText(random))),
  (random, text) => replaceValue(random, text, nested("[", "1", "]", skewed(random, DEPTH_MAX))),
  (random, text) => replaceValue(random, text, nested('{"a":', "1", "}", skewed(random, DEPTH_MAX))),
  (random) => pick(random, ["[", '{"a":', "[[],", '"', "-", "{", "\t", "\ufeff"]).repeat(skewed(random, DEPTH_MAX)),
  (random, text) => intoMap(text, `"__proto__":${pick(random, ['{"a":1}', "null", '"x"', '{"metadata":{}}'])}`),
  (_random, text) => intoMap(text, '"constructor":{"prototype":{"a":1}}'),
  (random, text) => intoMap(text, text.slice(1, 1 + below(random, text.length))),
  (_random, text) => intoMap(text, '"metadata":{"name":"again"},"metadata":[],"kind":"Again"'),
  (random, text) => intoMap(text, Array.from({ length: skewed(random, REPEATS_MAX) }, () => '"a":1').join(",")),
  (random, text) =>
    intoMap(text, Array.from({ length: skewed(random, REPEATS_MAX) }, (_, index) => `"k${index}":{}`).join(",")),
  (random, text) => text.replaceAll('"', pick(random, ["'", "`", "\\u0022", '"'])),
  (random, text) => text + pick(random, ["}", "null", text, "\u0000", "//", "/* */", " ".repeat(100_000)]),
  (_random, text) => Buffer.from(text, "utf16le"),
  (random, text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe, 0xc0, 0x80, below(random, 256)])]),
  (random, text) =>
    Buffer.from(text.replace(/[a-z]/, pick(random, ["\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88"])), "latin1"),
  (_random, text) => `\ufeff${text}`,
  (random) =>
    pick(random, ["", "null", "true", "0", '""', "[]", "{}", "[{}]", " ", "\n", "nul", "[1,]", "{,}", "{a:1}"]),
  (random) => Buffer.from(random.bytes(skewed(random, 5000))),
];

export function spoilJson(random: Random, text: string): string | Uint8Array {
  return pick(random, CHANGES)(random, text);
}

/** References to references: nine levels of ten are a thousand million values. */
function expanding(random: Random): string {
  const levels = 2 + below(random, 12);
  const width = 2 + below(random, 20);
  const isMap = chance(random, 0.5);
  const lines = [`a0: &a0 [${"x,".repeat(width)}x]`];
  for (let level = 1; level < levels; level++) {
    const items = Array.from({ length: width }, (_, index) => (isMap ? `k${index}: *a${level - 1}` : `*a${level - 1}`));
    lines.push(`a${level}: &a${level} ${isMap ? `{${items.join(", ")}}` : `[${items.join(", ")}]`}`);
  }
  return `${lines.join("\n")}\n`;
}

const YAML_CHANGES: readonly Change[] = [
  (random, text) => text + expanding(random),
  (random, text) => `${text}self: &self {a: *self}\n${chance(random, 0.5) ? "b: *nobody\n" : ""}`,
  (_random, text) => `${text}<<: {a: 1}\nm: {<<: [{a: 1}, {b: 2}], <<: 3}\n`,
  (random, text) =>
    `${text}x: ${pick(random, ["!!js/function 'x'", "!!binary '==='", "!!python/object x", "!<tag:x> y", "!!set {a, b}", "!!omap [a: 1]", "!!timestamp 2026-01-01", "!!float x", "!!null x", "!!map []"])}\n`,
  (_random, text) => `---\n${text}---\n${text}...\n`,
  (random, text) => `%YAML ${pick(random, ["1.1", "1.2", "9.9", "x"])}\n%TAG ! tag:x,2026:\n---\n${text}`,
  (random, text) => `${text}? ${nested("[", "a", "]", skewed(random, 5000))}\n: b\n? {a: b}\n: c\n`,
  (random, text) => `${text}deep: ${nested("[", "1", "]", skewed(random, 20_000))}\n`,
  (random, text) =>
    text + Array.from({ length: skewed(random, 3000) }, (_, index) => `${" ".repeat(index)}k:`).join("\n"),
  (random, text) =>
    `${text}long: ${pick(random, ["|", ">", "|2-", ">+", "|9"])}\n${"  x\n".repeat(skewed(random, 50_000))}`,
  (random, text) =>
    `${text}keys: {${Array.from({ length: skewed(random, 20_000) }, (_, index) => `k${index}: v`).join(", ")}}\n`,
  (random, text) => text.replaceAll("  ", pick(random, ["\t", " ", "   ", "\u00a0"])),
  (random, text) =>
    text.replaceAll(": ", pick(random, [":", " : ", ": |\n", ": - ", ": ? ", ": & ", ": * ", ": yes #"])),
  (_random, text) => `${text}numbers: [0o17, 017, 0b1, 1:30:00, .inf, -.NaN, 1_000, 0x_F, ~, yes, NO, 2026-01-01, =]\n`,
  (random, text) => spoilBytes(random, Buffer.from(text)),
  (random, text) => text + oddText(random),
];

export function spoilYaml(random: Random, text: string): string | Uint8Array {
  return pick(random, YAML_CHANGES)(random, text);
}
