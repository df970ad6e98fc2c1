// Expressions of CEL, by its grammar: mostly such that could be meant, some that are too deep, too long or too dear.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { below, longText, nested, oddNumberText, oddText, skewed } from "./odd-values.ts";

const DEPTH_MAX = 5;
const LENGTH_MAX = 40_000;

const BINARY = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in"];
const MACROS = ["all", "exists", "exists_one", "map", "filter"];
const METHODS = [
  ...[
    "size()",
    "startsWith('a')",
    "endsWith('')",
    "contains('a')",
    "matches('(a+)+$')",
    "matches('a{1000}')",
    "matches('[')",
  ],
  ...[
    "find('a')",
    "findAll('a*')",
    "findAll('', 5)",
    "lowerAscii()",
    "upperAscii()",
    "trim()",
    "split('')",
    "split('a', 3)",
  ],
  ...["replace('', 'aaaa')", "replace('a', 'aaaaaaaa')", "substring(1)", "substring(-1, 9)", "charAt(0)", "charAt(99)"],
  ...[
    "indexOf('a')",
    "lastIndexOf('', 7)",
    "join('')",
    "join(',')",
    "format([1, 'a'])",
    "sum()",
    "min()",
    "max()",
    "isSorted()",
  ],
  ...[
    "indexOf(1)",
    "lastIndexOf('x')",
    "slice(0, 2)",
    "flatten()",
    "flatten(9)",
    "reverse()",
    "sort()",
    "distinct()",
    "getYear()",
  ],
  ...[
    "getHours('Europe/Berlin')",
    "getHours('x')",
    "getMilliseconds()",
    "ip()",
    "isSemver()",
    "add(quantity('1'))",
    "isLessThan(quantity('2'))",
  ],
  ...[
    "compareTo(quantity('1Ki'))",
    "asInteger()",
    "asApproximateFloat()",
    "family()",
    "containsIP('10.0.0.1')",
    "prefixLength()",
    "masked()",
  ],
  ...[
    "getHost()",
    "getPort()",
    "getQuery()",
    "getEscapedPath()",
    "major()",
    "hasValue()",
    "orValue(1)",
    "optMap(x, x + 1)",
    "value()",
  ],
  ...[
    "group('').resource('pods').check('get').allowed()",
    "path('/').check('get').allowed()",
    "validate('a')",
    "nothing()",
  ],
];
const CALLS = [
  ...[
    "quantity",
    "url",
    "ip",
    "cidr",
    "duration",
    "timestamp",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "type",
    "dyn",
  ],
  ...[
    "isQuantity",
    "isURL",
    "isIP",
    "isCIDR",
    "semver",
    "size",
    "optional.of",
    "sets.contains",
    "format.named",
    "has",
    "nothing",
  ],
];
/** What an expression may name, and what not. */
const VARIABLES = [
  "object",
  "oldObject",
  "self",
  "oldSelf",
  "request",
  "params",
  "namespaceObject",
  "authorizer",
  "variables.v",
  "x",
  "e",
  "i",
];
const FIELDS = [
  ...[
    "metadata",
    "spec",
    "data",
    "name",
    "labels",
    "status",
    "containers",
    "replicas",
    "template",
    "operation",
    "userInfo",
    "items",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "none",
    "dotted__dot__name",
    "a__dash__b",
    "number",
    "text",
    "list",
    "map",
    "deep",
  ],
];

/** With the variables of the place it stands in. */
export function expression(random: Random, variables: readonly string[] = VARIABLES): string {
  const draw = random.float();
  if (draw < 0.8) return new Writer(random, variables).write(0);
  if (draw < 0.9) return extreme(random, pick(random, variables));
  return torn(random, new Writer(random, variables).write(1));
}

class Writer {
  readonly #random: Random;
  readonly #variables: readonly string[];

  constructor(random: Random, variables: readonly string[]) {
    this.#random = random;
    this.#variables = variables;
  }

  write(depth: number): string {
    const random = this.#random;
    if (depth >= DEPTH_MAX || chance(random, 0.15)) return this.#leaf();
    const inner = () => this.write(depth + 1);
    return pick(random, [
      () => `${inner()} ${pick(random, BINARY)} ${inner()}`,
      () => `(${inner()}) ${pick(random, BINARY)} (${inner()})`,
      () => `${inner()} ? ${inner()} : ${inner()}`,
      () => `${pick(random, ["!", "-", "!!", "--"])}(${inner()})`,
      () => `has(${this.#reference()})`,
      () => `${this.#reference()}.${pick(random, METHODS)}`,
      () => `(${inner()}).${pick(random, METHODS)}`,
      () => `${pick(random, CALLS)}(${chance(random, 0.9) ? inner() : ""})`,
      () => this.#macro(depth),
      () => `[${Array.from({ length: below(random, 5) }, inner).join(", ")}]`,
      () => `{${Array.from({ length: below(random, 4) }, () => `${inner()}: ${inner()}`).join(", ")}}`,
      () => `${inner()}[${inner()}]`,
      () => `${this.#reference()}.?${pick(random, FIELDS)}.orValue(${inner()})`,
      () => `cel.bind(${pick(random, ["x", "i", "self"])}, ${inner()}, ${inner()})`,
      () =>
        `${pick(random, ["Object", "Object.metadata", "JSONPatch", "Nothing"])}{${pick(random, FIELDS)}: ${inner()}}`,
    ])();
  }

  #macro(depth: number): string {
    const random = this.#random;
    const range = chance(random, 0.5) ? this.#reference() : this.write(depth + 1);
    const name = pick(random, ["e", "i", "self", "x"]);
    const macro = pick(random, MACROS);
    const more = macro === "map" && chance(random, 0.3) ? `, ${this.write(depth + 1)}` : "";
    const second = chance(random, 0.15) ? ", v" : "";
    return `${range}.${macro}(${name}${second}${more}, ${this.write(depth + 1)})`;
  }

  #reference(): string {
    const random = this.#random;
    const fields = Array.from({ length: below(random, 4) }, () =>
      chance(random, 0.85) ? `.${pick(random, FIELDS)}` : `[${pick(random, ["0", "-1", "'a'", "9999999999", "e"])}]`,
    );
    return pick(random, this.#variables) + fields.join("");
  }

  #leaf(): string {
    const random = this.#random;
    return pick(random, [
      () => this.#reference(),
      () =>
        pick(random, [
          "true",
          "false",
          "null",
          "0",
          "1",
          "-1",
          "1u",
          "1.5",
          "''",
          "'a'",
          '"a"',
          "b'a'",
          "r'\\d'",
          "[]",
          "{}",
        ]),
      () => oddNumberText(random),
      () => JSON.stringify(oddText(random).slice(0, 200)),
      () =>
        pick(random, [
          "'\\u0041'",
          "'\\x'",
          "'\\777'",
          "'''a\nb'''",
          "b'\\xff'",
          "0x7fffffffffffffff",
          "9223372036854775808",
          "1e999",
        ]),
    ])();
  }
}

/** What a reader, a checker or an evaluator without limits never comes back from. */
function extreme(random: Random, variable: string): string {
  const times = skewed(random, LENGTH_MAX);
  const level = 2 + below(random, 9);
  const list = `[${Array.from({ length: 2 + below(random, 400) }, (_, index) => index).join(",")}]`;
  const within = (inner: string, macro: string) => {
    let text = inner;
    for (let index = 0; index < level; index++) text = `${list}.${macro}(v${index}, ${text})`;
    return text;
  };
  return pick(random, [
    () => nested("(", "1", ")", times),
    () => nested("[", "", "]", times),
    () => nested("{1:", "1", "}", times),
    () => `${"!".repeat(times)}true`,
    () => `${"-".repeat(times)}1`,
    () => `1${"+1".repeat(times)} > 0`,
    () => `${variable}${".a".repeat(times)}`,
    () => `${variable}${"[0]".repeat(times)}`,
    () => `${"true ? ".repeat(times)}true${": false".repeat(times)}`,
    () => `'${"a".repeat(times)}' == ''`,
    () =>
      `'${longText(random, 20_000).replaceAll(/[^a-z0-9.-]/gi, "a")}'.matches('${pick(random, ["(a*)*b", "(a|a)*$", "((a{100}){100}){100}", ".*.*.*x", "(\\\\w+)*$"])}')`,
    () => within("true", "all"),
    () => within("v0", "map"),
    () => within("true", "filter").concat(" == []"),
    () => `'a'${".replace('a', 'aaaaaaaaaa')".repeat(2 + below(random, 40))} == ''`,
    () => `[${`'${"a".repeat(50)}',`.repeat(times)}'a'].join('').split('').size() > 0`,
    () => `${variable}.all(a, ${variable}.all(b, ${variable}.all(c, ${variable}.all(d, a == b))))`,
    () => `[${Array.from({ length: times }, (_, index) => index).join(",")}].sum() > 0`,
    () => `'%s%s%s'.format([${"'a',".repeat(times)}1])`,
    () => `${"cel.bind(x, [1,1], ".repeat(level)}x${")".repeat(level)} == x`,
    () => `sets.intersects(${list}, ${list}) && ${list}.isSorted()`,
    () => `quantity('${"9".repeat(times)}').isGreaterThan(quantity('1'))`,
  ])();
}

function torn(random: Random, text: string): string {
  const at = below(random, text.length + 1);
  return pick(random, [
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + oddText(random).slice(0, 100) + text.slice(at),
    () =>
      text.slice(0, at) +
      pick(random, ["(", ")", "[", "]", "{", "}", "'", '"', ".", ",", "?", ":", "//", "`", "\\", "@"]) +
      text.slice(at),
    () => text.repeat(2),
  ])();
}
