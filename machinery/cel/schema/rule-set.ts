// The rules of a whole schema, ready to judge objects. Compiled once for a schema; a schema without rules has no rule set,
// and its objects need no look.

import type { FieldError } from "@atoll/api/kind";
import type { ValidationRule } from "@atoll/api/generated/types";
import { forbidden, required } from "@atoll/api/meta/field-error";
import { isRecord } from "@atoll/base/is-record";
import { ownValue } from "@atoll/base/own-value";
import { formerItems, isUnchanged } from "../../object/structural-schema/correlation.ts";
import { fieldPath, type StructuralSchema } from "../../object/structural-schema/structural-schema.ts";
import { type CelValue, isError, Optional } from "../values/values.ts";
import { bindValue } from "./bind.ts";
import { type CompiledRule, compileRules, rulesOf, selfTypeName } from "./compile-rules.ts";
import { declaredType, withObjectFields } from "./declared-type.ts";
import { escapeName } from "./escape.ts";

/** What all rules of one object may cost together. */
const OBJECT_COST_MAX = 10_000_000;
/** Bytes. */
const MESSAGE_SIZE_MAX = 5 * 1024;
const OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run";

/** The values around a place: what a rule judges, and what it was. */
interface Subject {
  readonly path: string;
  readonly value: unknown;
  /** Undefined: it was not there, or cannot be told. */
  readonly old: unknown;
  /** Unchanged parts are not held against the writer. Undefined: there is nothing to compare with. */
  readonly unchanged: (() => boolean) | undefined;
}

/** Undefined: there are no rules in it. */
export function ruleSetOf(schema: StructuralSchema): RuleSet | undefined {
  const root = nodeOf(schema, true);
  return root && new RuleSet(root);
}

export class RuleSet {
  readonly #root: Node;

  constructor(root: Node) {
    this.#root = root;
  }

  /** `old`: what was there before, undefined for a new object. */
  validate(object: unknown, old?: unknown): FieldError[] {
    const run = new Run();
    const unchanged = old === undefined ? undefined : lazily(() => isUnchanged(object, old, this.#root.schema));
    run.visit(this.#root, { path: "", value: object, old, unchanged });
    return run.errors;
  }
}

interface Node {
  readonly schema: StructuralSchema;
  readonly rules: readonly CompiledRule[];
  readonly items: Node | undefined;
  readonly values: Node | undefined;
  readonly fields: ReadonlyMap<string, Node>;
}

function nodeOf(schema: StructuralSchema, isRoot: boolean): Node | undefined {
  const isResource = isRoot || schema["x-kubernetes-embedded-resource"] === true;
  const declared = rulesOf(schema).length > 0 ? declaredType(schema, selfTypeName(), isResource) : undefined;
  const fields = new Map<string, Node>();
  for (const [field, child] of Object.entries(schema.properties ?? {})) {
    const node = nodeOf(child, false);
    if (node && (escapeName(field) === undefined || declaredType(child, ""))) fields.set(field, node);
  }
  const items = schema.items && nodeOf(schema.items, false);
  const values = isRecord(schema.additionalProperties) ? nodeOf(schema.additionalProperties, false) : undefined;
  const rules = declared ? compileRules(schema, declared) : [];
  if (rules.length === 0 && !items && !values && fields.size === 0) return undefined;
  return { schema: isResource ? withObjectFields(schema) : schema, rules, items, values, fields };
}

class Run {
  readonly errors: FieldError[] = [];
  #budget = OBJECT_COST_MAX;
  #isOver = false;

  visit(node: Node, subject: Subject): void {
    if (this.#isOver || subject.value === null || subject.value === undefined) return;
    if (node.rules.length > 0) this.#judge(node, subject);
    const { value } = subject;
    if (Array.isArray(value)) this.#visitItems(node, subject, value);
    else if (isRecord(value)) this.#visitFields(node, subject, value);
  }

  #visitItems(node: Node, subject: Subject, list: readonly unknown[]): void {
    if (!node.items) return;
    const formerOf = formerItems(node.schema, subject.old);
    for (const [index, value] of list.entries()) {
      const old = formerOf(value);
      this.visit(node.items, {
        path: `${subject.path}[${index}]`,
        value,
        old,
        unchanged: within(subject, value, old, node.items.schema),
      });
    }
  }

  #visitFields(node: Node, subject: Subject, object: Readonly<Record<string, unknown>>): void {
    for (const [field, value] of Object.entries(object)) {
      const child = node.fields.get(field) ?? node.values;
      if (!child) continue;
      const old = isRecord(subject.old) ? ownValue(subject.old, field) : undefined;
      const path = node.fields.has(field) ? fieldPath(subject.path, field) : `${subject.path}[${field}]`;
      this.visit(child, { path, value, old, unchanged: within(subject, value, old, child.schema) });
    }
  }

  #judge({ schema, rules }: Node, subject: Subject): void {
    if (this.#budget <= 0) {
      this.#stop(invalid(subject, schema, OUT_OF_BUDGET));
      return;
    }
    const self = bindValue(subject.value, schema);
    const old = lazily(() =>
      subject.old === undefined || subject.old === null ? undefined : bindValue(subject.old, schema),
    );
    for (const compiled of rules) {
      if (this.#isOver) return;
      this.#judgeBy(compiled, { schema, subject, self, old });
    }
  }

  #judgeBy(compiled: CompiledRule, judged: Judged): void {
    const { subject, schema } = judged;
    const { rule, program } = compiled;
    if (compiled.error !== undefined) {
      this.errors.push(invalid(subject, schema, `rule compile error: ${compiled.error}`));
      return;
    }
    const isTransition = compiled.usesOldSelf && judged.old() === undefined && !rule.optionalOldSelf;
    if (!program || isTransition) return;
    const variables = variablesOf(rule, judged);
    const { value, cost, isTooExpensive } = program.run(variables);
    if (cost > this.#budget) {
      this.#stop(invalid(subject, schema, OUT_OF_BUDGET));
      return;
    }
    this.#budget -= cost;
    if (isError(value)) {
      const text = errorText(value.message, rule, isTooExpensive);
      if (isTooExpensive) this.#stop(invalid(subject, schema, text));
      else this.errors.push(invalid(subject, schema, text));
      return;
    }
    if (value !== true) this.#complain(compiled, judged, variables);
  }

  #complain(compiled: CompiledRule, { subject, schema }: Judged, variables: Variables): void {
    const isForgiven = !compiled.usesOldSelf && subject.unchanged?.() === true;
    const message = this.#messageOf(compiled, variables);
    const path = joined(subject.path, compiled.fieldPath);
    if (message.isFatal) {
      this.#stop(invalid({ ...subject, path }, schema, message.text));
      return;
    }
    if (!isForgiven) this.errors.push(complaint(compiled.rule, { ...subject, path }, schema, message.text));
  }

  #messageOf(
    { rule, message }: CompiledRule,
    variables: Variables,
  ): { readonly text: string; readonly isFatal: boolean } {
    const usual = { text: rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`, isFatal: false };
    if (!message) return usual;
    const { value, cost, isTooExpensive } = message.run(variables);
    if (cost > this.#budget) {
      return {
        text: "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run",
        isFatal: true,
      };
    }
    if (isTooExpensive) {
      const shown = JSON.stringify(rule.messageExpression);
      return {
        text: `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${shown}`,
        isFatal: true,
      };
    }
    this.#budget -= cost;
    const text = typeof value === "string" ? value.trim() : "";
    const isUsable = text !== "" && !text.includes("\n") && new TextEncoder().encode(text).length <= MESSAGE_SIZE_MAX;
    return isUsable ? { text, isFatal: false } : usual;
  }

  #stop(error: FieldError): void {
    this.errors.push(error);
    this.#isOver = true;
  }
}

type Variables = (name: string) => CelValue | undefined;

interface Judged {
  readonly schema: StructuralSchema;
  readonly subject: Subject;
  readonly self: CelValue;
  readonly old: () => CelValue | undefined;
}

function variablesOf(rule: ValidationRule, { self, old }: Judged): Variables {
  return (name) => {
    if (name === "self") return self;
    if (name !== "oldSelf") return undefined;
    const former = old();
    if (!rule.optionalOldSelf) return former;
    return former === undefined ? Optional.none : new Optional(former);
  };
}

function errorText(message: string, rule: ValidationRule, isTooExpensive: boolean): string {
  const name = (rule.message ? rule.message : rule.rule).trim();
  if (isTooExpensive) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${name}`;
  }
  if (message.startsWith("no such overload")) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${name}`;
  }
  return `${message} evaluating rule: ${name}`;
}

/** Upstream shows the type where the rule itself is at fault. */
function invalid({ path }: Subject, { type = "" }: StructuralSchema, detail: string): FieldError {
  return { type: "FieldValueInvalid", field: path, message: `Invalid value: ${JSON.stringify(type)}: ${detail}` };
}

function complaint(
  rule: ValidationRule,
  { path, value }: Subject,
  { type }: StructuralSchema,
  detail: string,
): FieldError {
  const isContainer = type === "object" || type === "array";
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  switch (rule.reason) {
    case "FieldValueForbidden":
      return forbidden(path, detail);
    case "FieldValueRequired":
      return required(path, detail);
    case "FieldValueDuplicate":
      return {
        type: "FieldValueDuplicate",
        field: path,
        message: isContainer ? "Duplicate value" : `Duplicate value: ${shown}`,
      };
    default: {
      const head = isContainer ? "Invalid value" : `Invalid value: ${shown}`;
      return { type: "FieldValueInvalid", field: path, message: `${head}: ${detail}` };
    }
  }
}

function joined(path: string, more: string): string {
  if (more === "" || path === "") return path + more;
  return more.startsWith("[") ? path + more : `${path}.${more}`;
}

/** Unchanged in itself; where its former self cannot be told, by what is around it. */
function within(around: Subject, value: unknown, old: unknown, schema: StructuralSchema): (() => boolean) | undefined {
  if (around.unchanged === undefined) return undefined;
  return old === undefined ? around.unchanged : lazily(() => isUnchanged(value, old, schema));
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
