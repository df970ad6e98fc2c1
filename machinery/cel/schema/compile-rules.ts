// The rules of one place in a schema as programs.

import type { ValidationRule } from "@atoll/api/generated/types";
import type { StructuralSchema } from "../../object/structural-schema/structural-schema.ts";
import { baseEnvironment } from "../base-environment.ts";
import { isSameType, BOOL, optionalOf, STRING } from "../check/cel-type.ts";
import { type Environment, extendEnvironment } from "../check/environment.ts";
import { compile, type Program } from "../program.ts";
import { type DeclaredType, REQUEST_SIZE_MAX, sizesOf } from "./declared-type.ts";
import { ruleFieldPath } from "./rule-field-path.ts";

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Undefined: there is an error. */
  readonly program?: Program | undefined;
  readonly error?: string | undefined;
  readonly message?: Program | undefined;
  readonly messageError?: string | undefined;
  readonly usesOldSelf: boolean;
  /** What one evaluation can cost at most. */
  readonly costMax: number;
  readonly messageCostMax: number;
  /** Behind the place of the rule itself, "" for none. */
  readonly fieldPath: string;
}

/** What a rule's `self` is called; the number in upstream's name changes, so that nobody relies on it. */
const SELF_TYPE = "selfType";

export function selfTypeName(): string {
  return SELF_TYPE;
}

export function rulesOf(schema: StructuralSchema): readonly ValidationRule[] {
  return (schema["x-kubernetes-validations"] ?? []) as readonly ValidationRule[]; // the kind's own schema has let rules in alone
}

export function compileRules(schema: StructuralSchema, declared: DeclaredType): CompiledRule[] {
  const { type, objects } = declared;
  const base = extendEnvironment(baseEnvironment(), { objects, variables: { self: type } });
  const withOld = extendEnvironment(base, { variables: { oldSelf: type } });
  const withOptionalOld = extendEnvironment(base, { variables: { oldSelf: optionalOf(type) } });
  return rulesOf(schema).map((rule) =>
    compileRule(rule, schema, declared, rule.optionalOldSelf ? withOptionalOld : withOld),
  );
}

/** How often the schema's values can stand in one object, where nothing limits the lists and maps around. */
export function unboundedCardinality({ sizeMin }: DeclaredType): number {
  return Math.trunc(REQUEST_SIZE_MAX / (sizeMin + 1));
}

function compileRule(
  rule: ValidationRule,
  schema: StructuralSchema,
  declared: DeclaredType,
  environment: Environment,
): CompiledRule {
  const nothing = { rule, usesOldSelf: false, costMax: 0, messageCostMax: 0, fieldPath: "" };
  if (rule.rule.trim() === "") return nothing;
  const compiled = compile(rule.rule, environment);
  if ("error" in compiled) return { ...nothing, error: compiled.error };
  const { program } = compiled;
  if (!isSameType(program.type, BOOL)) return { ...nothing, error: "cel expression must evaluate to a bool" };
  const sizes = sizesOf(declared);
  const message = rule.messageExpression ? compileMessage(rule.messageExpression, environment) : undefined;
  return {
    rule,
    program,
    usesOldSelf: program.uses("oldSelf"),
    costMax: program.estimateCost(sizes).max,
    message: message?.program,
    messageError: message?.error,
    messageCostMax: message?.program?.estimateCost(sizes).max ?? 0,
    fieldPath: rule.fieldPath ? (ruleFieldPath(rule.fieldPath, schema) ?? "") : "",
  };
}

function compileMessage(
  expression: string,
  environment: Environment,
): { readonly program?: Program; readonly error?: string } {
  const compiled = compile(expression, environment);
  if ("error" in compiled) return { error: `messageExpression ${compiled.error}` };
  const { program } = compiled;
  return isSameType(program.type, STRING) ? { program } : { error: "messageExpression must evaluate to a string" };
}
