// The rules of a whole schema, checked when its definition is written: what they say in words, whether they make sense, and
// whether they could ever cost too much.

import type { ValidationRule } from "@atoll/api/generated/types";
import type { FieldError } from "@atoll/api/kind";
import { forbidden, internalError, invalidValue, notSupported, required } from "@atoll/api/meta/field-error";
import { isRecord } from "@atoll/base/is-record";
import type { StructuralSchema } from "../../object/structural-schema/structural-schema.ts";
import { type CompiledRule, compileRules, rulesOf, selfTypeName, unboundedCardinality } from "./compile-rules.ts";
import { declaredType } from "./declared-type.ts";
import { ruleFieldPath } from "./rule-field-path.ts";

const RULE_COST_MAX = 10_000_000;
const DEFINITION_COST_MAX = 100_000_000;
/** The dearest rules are named, if they are worth a hundredth of what all may cost. */
const NAMED_RULES_MAX = 4;
const REASONS = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
const KEY = "x-kubernetes-validations";

interface Place {
  readonly path: string;
  /** How often it can stand in an object; undefined: a list or a map around it has no limit. */
  readonly cardinality: number | undefined;
  /** The list around, if what is in it cannot be told from its former self. */
  readonly uncorrelatable: string | undefined;
  readonly isRoot: boolean;
}

/** Of everything but the expressions. */
export function checkRuleWords(schema: StructuralSchema, path: string): FieldError[] {
  return [
    ...childrenOf(schema).flatMap(([step, child]) => checkRuleWords(child, `${path}.${step}`)),
    ...rulesOf(schema).flatMap((rule, index) => faultsOf(rule, schema, `${path}.${KEY}[${index}]`)),
  ];
}

/** Of the expressions of rules whose words are sound. */
export function checkRules(schema: StructuralSchema, path: string): FieldError[] {
  const checker = new DefinitionRules();
  checker.visit(schema, { path, cardinality: 1, uncorrelatable: undefined, isRoot: true });
  return [...checker.errors, ...checker.totalErrors(path)];
}

class DefinitionRules {
  readonly errors: FieldError[] = [];
  #total = 0;
  readonly #dear: { readonly path: string; readonly cost: number }[] = [];

  visit(schema: StructuralSchema, place: Place): void {
    for (const [step, child] of childrenOf(schema)) {
      this.visit(child, {
        path: `${place.path}.${step}`,
        cardinality: multiplied(place.cardinality, schema),
        uncorrelatable: place.uncorrelatable ?? (isUncorrelatable(schema) ? place.path : undefined),
        isRoot: false,
      });
    }
    if (rulesOf(schema).length > 0) this.#checkExpressions(schema, place);
  }

  #checkExpressions(schema: StructuralSchema, place: Place): void {
    const isResource = place.isRoot || schema["x-kubernetes-embedded-resource"] === true;
    const declared = declaredType(schema, selfTypeName(), isResource);
    if (!declared) {
      const why =
        "internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations";
      this.errors.push(internalError(`${place.path}.${KEY}`, why));
      return;
    }
    const times = place.cardinality ?? unboundedCardinality(declared);
    for (const [index, compiled] of compileRules(schema, declared).entries()) {
      this.#checkRule(compiled, `${place.path}.${KEY}[${index}]`, times, place);
    }
  }

  #checkRule(compiled: CompiledRule, path: string, times: number, { uncorrelatable }: Place): void {
    const { rule, error, messageError, usesOldSelf, messageCostMax } = compiled;
    const cost = Math.min(compiled.costMax * times, 2 ** 64);
    this.#observe(`${path}.rule`, "estimated rule cost", cost);
    if (error !== undefined) this.errors.push(invalidRule(`${path}.rule`, rule, error));
    if (messageError !== undefined) {
      this.errors.push(invalidRule(`${path}.messageExpression`, rule, messageError));
    } else if (compiled.message) {
      this.#observe(`${path}.messageExpression`, "estimated messageExpression cost", messageCostMax);
    }
    if (usesOldSelf && uncorrelatable !== undefined) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
      this.errors.push(invalidValue(`${path}.rule`, rule.rule, why));
    }
    if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
      const why = "may not be set if oldSelf is not used in rule";
      this.errors.push(invalidValue(`${path}.optionalOldSelf`, rule.optionalOldSelf, why));
    }
  }

  #observe(path: string, what: string, cost: number): void {
    if (cost > RULE_COST_MAX) this.errors.push(forbidden(path, tooDear(what, cost, RULE_COST_MAX)));
    this.#total = Math.min(this.#total + cost, 2 ** 64);
    if (cost >= DEFINITION_COST_MAX / 100) this.#dear.push({ path, cost });
  }

  totalErrors(path: string): FieldError[] {
    if (this.#total <= DEFINITION_COST_MAX) return [];
    const dear = this.#dear.toSorted((a, b) => b.cost - a.cost).slice(0, NAMED_RULES_MAX);
    const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    return [
      ...dear.map((rule) => forbidden(rule.path, why)),
      forbidden(path, tooDear(what, this.#total, DEFINITION_COST_MAX)),
    ];
  }
}

/** The whole rule as upstream shows it. */
function invalidRule(field: string, rule: ValidationRule, detail: string): FieldError {
  const shown = JSON.stringify({
    Rule: rule.rule,
    Message: rule.message ?? "",
    MessageExpression: rule.messageExpression ?? "",
    Reason: rule.reason ?? null,
    FieldPath: rule.fieldPath ?? "",
    OptionalOldSelf: rule.optionalOldSelf ?? null,
  });
  const escaped = shown.replaceAll(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return { type: "FieldValueInvalid", field, message: `Invalid value: ${escaped}: ${detail}` };
}

function childrenOf({ properties, additionalProperties, items }: StructuralSchema): [string, StructuralSchema][] {
  return [
    ...(isRecord(additionalProperties)
      ? [["additionalProperties", additionalProperties] as [string, StructuralSchema]]
      : []),
    ...Object.entries(properties ?? {}).map(([name, child]): [string, StructuralSchema] => [
      `properties[${name}]`,
      child,
    ]),
    ...(items ? [["items", items] as [string, StructuralSchema]] : []),
  ];
}

function multiplied(cardinality: number | undefined, schema: StructuralSchema): number | undefined {
  if (cardinality === undefined) return undefined;
  const most =
    schema.type === "array" ? schema.maxItems : schema.additionalProperties === undefined ? 1 : schema.maxProperties;
  return most === undefined ? undefined : Math.min(cardinality * Math.max(0, most), 2 ** 64);
}

function isUncorrelatable(schema: StructuralSchema): boolean {
  return schema.type === "array" && schema["x-kubernetes-list-type"] !== "map";
}

function faultsOf(rule: ValidationRule, schema: StructuralSchema, path: string): FieldError[] {
  const { message = "", messageExpression = "", reason, fieldPath = "" } = rule;
  const errors: FieldError[] = [];
  const hasBreak = (text: string) => /[\n\r]/.test(text.trim());
  if (rule.rule.trim() === "") errors.push(required(`${path}.rule`, "rule is not specified"));
  else if (message !== "" && message.trim() === "") {
    errors.push(invalidValue(`${path}.message`, message, "must be non-empty if specified"));
  } else if (hasBreak(message)) errors.push(invalidValue(`${path}.message`, message, "must not contain line breaks"));
  else if (hasBreak(rule.rule) && message.trim() === "") {
    errors.push(required(`${path}.message`, "message must be specified if rule contains line breaks"));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    errors.push(required(`${path}.messageExpression`, "messageExpression must be non-empty if specified"));
  }
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${path}.reason`, reason, REASONS));
  if (fieldPath === "") return errors;
  const at = `${path}.fieldPath`;
  if (fieldPath.trim() === "") errors.push(invalidValue(at, fieldPath, "must be non-empty if specified"));
  if (/[\n\r]/.test(fieldPath)) errors.push(invalidValue(at, fieldPath, "must not contain line breaks"));
  if (ruleFieldPath(fieldPath, schema) === undefined) errors.push(invalidValue(at, fieldPath, "must be a valid path"));
  return errors;
}

function tooDear(what: string, cost: number, most: number): string {
  const factor = cost / most;
  const text = factor > 100 ? "more than 100x" : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  const advice =
    "try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared";
  return `${what} exceeds budget by factor of ${text} (${advice})`;
}
