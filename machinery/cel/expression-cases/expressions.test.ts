import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { baseEnvironment } from "../base-environment.ts";
import { DYN } from "../check/cel-type.ts";
import { extendEnvironment } from "../check/environment.ts";
import { compile, parseAndCheck } from "../program.ts";
import { toCel } from "../values/json.ts";
import { formatDouble } from "../values/numbers.ts";
import { formatDuration, formatTimestamp } from "../values/times.ts";
import {
  CelList,
  CelMap,
  type CelValue,
  Duration,
  isError,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from "../values/values.ts";
import { type ExpressionCase, HUGE } from "./expression-case.ts";
import { LANGUAGE_CASES, LANGUAGE_SELF } from "./language.ts";
import { LIBRARY_CASES, LIBRARY_SELF } from "./libraries.ts";

const environment = extendEnvironment(baseEnvironment(), { variables: { self: DYN, oldSelf: DYN } });

describe("expressions", () => {
  runTable("of the language", LANGUAGE_CASES, LANGUAGE_SELF);
  runTable("of the libraries", LIBRARY_CASES, LIBRARY_SELF);
});

function runTable(name: string, cases: readonly ExpressionCase[], self: unknown): void {
  test(`${name} give and cost what they do upstream`, () => {
    assert.ok(cases.length > 200);
    const wrong = cases.filter((row) => !isDeepMatch(evaluate(row[0], self), row));
    assert.deepEqual(
      wrong.map(([expression]) => evaluate(expression, self)),
      wrong,
    );
  });
}

function isDeepMatch(found: readonly unknown[], wanted: readonly unknown[]): boolean {
  return found.length === wanted.length && found.every((part, index) => part === wanted[index]);
}

function evaluate(expression: string, self: unknown): readonly unknown[] {
  const checked = parseAndCheck(expression, environment);
  if ("error" in checked) {
    const [first = ""] = checked.error.split("\n");
    return [expression, `compile: ${first.replace(/^ERROR: <input>:-?\d+:\d+: /, "")}`];
  }
  const compiled = compile(expression, environment);
  if ("error" in compiled) return [expression, compiled.error.replace("program instantiation failed", "program")];
  const { program } = compiled;
  const { min, max } = program.estimateCost(() => undefined);
  const { value, cost } = program.run({ self: toCel(self), oldSelf: null });
  const outcome = isError(value) ? `error: ${value.message}` : literalOf(value);
  return [expression, outcome, cost, min, max > 1e15 && max < 2 ** 64 ? HUGE : max];
}

/** As the language would write it. */
function literalOf(value: CelValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    const text = formatDouble(value);
    return /^-?\d+$/.test(text) ? `${text}.0` : text;
  }
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof CelList) return `[${Array.from(value, literalOf).join(", ")}]`;
  if (value instanceof CelMap) {
    const entries = Array.from(value.keys(), (key) => `${literalOf(key)}: ${literalOf(value.get(key) ?? null)}`);
    return `{${entries.sort().join(", ")}}`;
  }
  if (value instanceof Timestamp) return `timestamp("${formatTimestamp(new Timestamp(value.nanos))}")`;
  if (value instanceof Duration) return `duration("${formatDuration(value)}")`;
  if (value instanceof Optional)
    return value.value === undefined ? "optional.none()" : `optional.of(${literalOf(value.value)})`;
  return value instanceof TypeValue ? value.name : "";
}
