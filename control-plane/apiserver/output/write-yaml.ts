// YAML 1.1 of JSON values, as Kubernetes writes it: keys in its order, without anchors. The library makes a tree of a value before it
// writes one, which takes a hundred times as long; here it is asked for single scalars only, and of these for the odd ones.

import { stringify } from "yaml";

const FORM = { version: "1.1", lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false } as const;

/** Texts that can stand as they are and mean nothing else: names, versions, images, paths. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
/** Of those, what YAML 1.1 takes for a truth or nothing. */
const WORD = /^(y|n|yes|no|on|off|true|false|null)$/i;
const LETTER = /\p{L}/u;
const DIGIT = /\p{Nd}/u;

export function yamlOf(json: Uint8Array): Uint8Array {
  return Buffer.from(writeYaml(JSON.parse(Buffer.from(json).toString())));
}

/** `value`: of JSON. */
export function writeYaml(value: unknown): string {
  if (!isFilled(value)) return stringify(value, FORM);
  const lines: string[] = [];
  writeCollection(value, "", "", lines);
  return `${lines.join("\n")}\n`;
}

type Collection = readonly unknown[] | Readonly<Record<string, unknown>>;

/** `first`: what stands before the first line, as long as the `indent` of the others. */
function writeCollection(value: Collection, first: string, indent: string, lines: string[]): void {
  let start = first;
  const put = (head: string, item: unknown, scalar: () => string) => {
    if (!isFilled(item)) {
      lines.push(start + shifted(scalar(), indent));
    } else if (head === "-") {
      writeCollection(item, `${start}- `, `${indent}  `, lines);
    } else {
      lines.push(start + shifted(head, indent));
      const inner = Array.isArray(item) ? indent : `${indent}  `;
      writeCollection(item, inner, inner, lines);
    }
    start = indent;
  };
  if (isList(value)) {
    for (const item of value) put("-", item, () => `- ${plain(item) ?? scalarOf([item]).slice(2)}`);
    return;
  }
  for (const key of Object.keys(value).sort(compareKeys)) {
    const item = value[key];
    const isOdd = plain(key) === undefined;
    const head = isOdd ? scalarOf({ [key]: null }).slice(0, -" null".length) : `${key}:`;
    put(head, item, () => {
      const text = plain(item);
      return text === undefined || isOdd ? scalarOf({ [key]: item }) : `${head} ${text}`;
    });
  }
}

/** Undefined: not without a second look. */
function plain(value: unknown): string | undefined {
  if (typeof value === "string") return PLAIN.test(value) && !WORD.test(value) ? value : undefined;
  if (typeof value === "number")
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  return typeof value === "boolean" ? String(value) : value === null ? "null" : undefined;
}

/** Of a collection of one, without its line end. */
function scalarOf(one: Collection): string {
  return stringify(one, FORM).slice(0, -1);
}

/** All lines after the first; empty ones stay empty. */
function shifted(text: string, indent: string): string {
  return indent === "" || !text.includes("\n") ? text : text.replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
}

function isList(value: Collection): value is readonly unknown[] {
  return Array.isArray(value);
}

function isFilled(value: unknown): value is Collection {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Numbers in names by their value, and before letters: "a2" stands before "a10". */
function compareKeys(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one = "", other = ""] = [a[at], b[at]];
    if (one !== other) return compareFrom(a, b, at);
  }
  return a.length - b.length;
}

function compareFrom(a: readonly string[], b: readonly string[], at: number): number {
  const [one = "", other = ""] = [a[at], b[at]];
  const [isLetter, isOtherLetter] = [LETTER.test(one), LETTER.test(other)];
  const byPoint = (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  if (isLetter && isOtherLetter) return byPoint;
  if (isLetter || isOtherLetter) return isOtherLetter ? -1 : 1;
  // A zero inside of a number is one of its digits, before it none.
  const isInside = (one === "0" || other === "0") && hasNumberBefore(a, at);
  const [number, otherNumber] = [digitsFrom(a, at), digitsFrom(b, at)];
  const difference = numberOf(number, isInside) - numberOf(otherNumber, isInside);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return number.length - otherNumber.length || byPoint;
}

/** Whether the digits right before a place are more than zeros. */
function hasNumberBefore(characters: readonly string[], at: number): boolean {
  for (let index = at - 1; index >= 0 && DIGIT.test(characters[index] ?? ""); index--) {
    if (characters[index] !== "0") return true;
  }
  return false;
}

function digitsFrom(characters: readonly string[], at: number): string {
  let end = at;
  while (end < characters.length && /[0-9]/.test(characters[end] ?? "")) end++;
  return characters.slice(at, end).join("");
}

function numberOf(digits: string, isInside: boolean): bigint {
  return BigInt((isInside ? "1" : "") + digits || "0");
}
