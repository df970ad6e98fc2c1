import { test } from "node:test";
import fc from "fast-check";
import { baseEnvironment } from "../base-environment.ts";
import { DYN } from "../check/cel-type.ts";
import { extendEnvironment } from "../check/environment.ts";
import { compile } from "../program.ts";
import { toCel } from "../values/json.ts";
import { LANGUAGE_CASES } from "./language.ts";
import { LIBRARY_CASES } from "./libraries.ts";

const environment = extendEnvironment(baseEnvironment(), { variables: { self: DYN, oldSelf: DYN } });
const sound = [...LANGUAGE_CASES, ...LIBRARY_CASES].map(([expression]) => expression);

/** Sound expressions, one put into the other at any place, and cut anywhere. */
const expressions = fc
  .tuple(fc.constantFrom(...sound), fc.constantFrom(...sound), fc.nat(40), fc.nat(40), fc.boolean())
  .map(([outer, inner, from, to, asOperand]) => {
    const middle = asOperand ? `(${inner})` : inner;
    return outer.slice(0, from) + middle + outer.slice(Math.min(from + to, outer.length));
  });

test("no expression and no value make a program throw or go on", () => {
  fc.assert(
    fc.property(fc.oneof(expressions, fc.string({ maxLength: 30 })), fc.jsonValue(), (expression, json) => {
      const compiled = compile(expression, environment);
      if ("error" in compiled) return;
      compiled.program.estimateCost(() => undefined);
      compiled.program.run({ self: toCel(json), oldSelf: null }, 10_000);
    }),
    { numRuns: 1500 },
  );
});
