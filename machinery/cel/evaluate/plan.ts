// Turns a checked expression into closures. What is known beforehand is worked out beforehand, and then costs nothing, as
// upstream has it: lists and maps of literals, conversions of literals, membership in a list of literals.

import { regularExpression } from "../../object/regular-expression.ts";
import type { Environment } from "../check/environment.ts";
import { costOfCall } from "../cost/runtime-cost.ts";
import type {
  Call,
  Comprehension,
  Expression,
  Identifier,
  ListLiteral,
  MapLiteral,
  Selection,
  StructLiteral,
} from "../syntax/ast.ts";
import { showValue } from "../values/show.ts";
import {
  ArrayList,
  CelError,
  CelList,
  CelMap,
  type CelValue,
  EntryMap,
  GrowingList,
  isError,
  keyOf,
  Optional,
  typeNameOf,
} from "../values/values.ts";
import { Attribute, type Evaluate } from "./attribute.ts";
import { dispatcherFor } from "./dispatch.ts";
import { Evaluation } from "./evaluation.ts";
import { entriesOf, itemsOf } from "./loop-range.ts";
import {
  planAlternative,
  planConditional,
  planIndex,
  planLogical,
  planMembership,
  planNotFalse,
} from "./plan-operators.ts";
import { attributeStep, charged, constantStep, type Step, stepOf } from "./step.ts";

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** Names that convert a value: of a literal they are worked out beforehand. */
const CONVERSIONS: ReadonlySet<string> = new Set(
  "bool bytes double duration dyn int string timestamp type uint".split(" "),
);

/** Working out beforehand has failed; the expression can never be evaluated. */
export class PlanError extends Error {}

export function planExpression(expression: Expression, environment: Environment): Evaluate {
  return new Planner(environment).plan(expression).evaluate;
}

class Planner {
  readonly #environment: Environment;
  /** Variables of the loops around, and where they are kept. */
  #slots: ReadonlyMap<string, Evaluate> = new Map();
  #slotCount = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  plan(expression: Expression): Step {
    switch (expression.kind) {
      case "literal":
        return constantStep(expression.value);
      case "identifier":
        return this.#planIdentifier(expression);
      case "selection":
        return this.#planSelection(expression);
      case "call":
        return this.#planCall(expression);
      case "list":
        return this.#planList(expression);
      case "map":
        return this.#planMap(expression);
      case "struct":
        return this.#planStruct(expression);
      case "comprehension":
        return { evaluate: this.#planFold(expression) };
    }
  }

  #planIdentifier({ name, constant }: Identifier): Step {
    if (constant !== undefined) return constantStep(constant);
    const slot = this.#slots.get(name);
    const read: Evaluate = (evaluation) => {
      const value = evaluation.variables(name);
      return value === undefined ? new CelError(`no such attribute(s): ${name}`) : value;
    };
    return attributeStep(new Attribute(slot ?? read));
  }

  #planSelection(selection: Selection): Step {
    if (selection.resolved) return this.#planIdentifier(selection.resolved);
    const operand = this.plan(selection.operand);
    const attribute = operand.attribute ?? new Attribute(operand.evaluate);
    const { field, isPresenceTest } = selection;
    attribute.add({ key: field, isOptional: false, isPresenceTest });
    if (!isPresenceTest) return stepOf(attribute);
    // Asking costs its steps alone.
    const evaluate: Evaluate = (evaluation) => {
      const value = attribute.resolve(evaluation);
      return value instanceof Optional ? value.value === true : value;
    };
    return { evaluate };
  }

  #planCall(call: Call): Step {
    const operands = call.target ? [call.target, ...call.arguments] : call.arguments;
    const steps = operands.map((operand) => this.plan(operand));
    const [first, second, third] = steps;
    switch (call.name) {
      case "_&&_":
        return { evaluate: planLogical(steps, false) };
      case "_||_":
        return { evaluate: planLogical(steps, true) };
      case "_?:_":
      case "_?_:_":
        return first && second && third ? planConditional(first, second, third) : unexpected(call);
      case "_[_]":
      case "_[?_]":
      case "_?._":
        return first && second ? planIndex(first, second, call.name !== "_[_]") : unexpected(call);
      case "or":
      case "orValue":
        return first && second && call.target ? planAlternative(first, second, call.name) : unexpected(call);
      default:
        return this.#planFunction(call, steps);
    }
  }

  #planFunction(call: Call, steps: readonly Step[]): Step {
    const [first, second] = steps;
    const isMembership = call.name === "@in" && call.overloads?.length === 1 && call.overloads[0]?.id === "in_list";
    if (isMembership && first && second?.constant instanceof CelList) {
      const planned = planMembership(first, second.constant);
      if (planned) return planned;
    }
    refuseBadPattern(call, steps);
    const evaluate = this.#planInvocation(call, steps);
    if (!CONVERSIONS.has(call.name) || steps.length !== 1 || first?.constant === undefined) return { evaluate };
    const declared = this.#environment.functions.get(call.name);
    const value = declared ? dispatcherFor(declared, call)([first.constant]) : unexpected(call);
    if (isError(value)) throw new PlanError(value.message);
    return constantStep(value);
  }

  #planInvocation(call: Call, steps: readonly Step[]): Evaluate {
    const declared = this.#environment.functions.get(call.name);
    if (!declared) return unexpected(call);
    const run = dispatcherFor(declared, call);
    const cost = costOfCall(call);
    if (call.name === "@not_strictly_false") return planNotFalse(steps[0] ?? unexpected(call));
    const evaluators = steps.map(({ evaluate }) => evaluate);
    // Up to two operands are all worked out, whatever the first gives; of more, the first error ends it, uncharged.
    const stopsAtError = steps.length > 2;
    return (evaluation) => {
      const values: CelValue[] = [];
      let error: CelError | undefined;
      for (const evaluate of evaluators) {
        const value = evaluate(evaluation);
        if (isError(value)) {
          if (stopsAtError) return value;
          error ??= value;
        }
        values.push(value);
      }
      const result = error ?? run(values);
      evaluation.charge(cost(values, result));
      return result;
    };
  }

  #planList(list: ListLiteral): Step {
    const items = list.elements.map(({ value, isOptional }) => ({ step: this.plan(value), isOptional }));
    if (items.every(({ step, isOptional }) => step.constant !== undefined && !isOptional)) {
      return constantStep(new ArrayList(items.map(({ step }) => step.constant ?? null)));
    }
    const build: Evaluate = (evaluation) => {
      const values: CelValue[] = [];
      for (const { step, isOptional } of items) {
        const value = step.evaluate(evaluation);
        if (isError(value)) return value;
        const given = isOptional ? unwrap(value, "list element") : value;
        if (given === undefined) continue;
        if (isError(given)) return given;
        values.push(given);
      }
      return new ArrayList(values);
    };
    return { evaluate: charged(build, LIST_COST) };
  }

  #planMap(map: MapLiteral): Step {
    const entries = map.entries.map(({ key, value, isOptional }) => ({
      key: this.plan(key),
      value: this.plan(value),
      isOptional,
    }));
    const isConstant = entries.every(
      ({ key, value, isOptional }) => key.constant !== undefined && value.constant !== undefined && !isOptional,
    );
    const build: Evaluate = (evaluation) => {
      const made = new Map<string | bigint | boolean | number, readonly [CelValue, CelValue]>();
      for (const { key, value, isOptional } of entries) {
        const found = key.evaluate(evaluation);
        if (isError(found)) return found;
        const stored = value.evaluate(evaluation);
        if (isError(stored)) return stored;
        const given = isOptional ? unwrap(stored, `entry '${showValue(found)}'`) : stored;
        if (given === undefined) continue;
        if (isError(given)) return given;
        const place = keyOf(found);
        if (place === undefined) return new CelError(`unsupported key type: ${typeNameOf(found)}`);
        made.set(place, [found, given]);
      }
      return new EntryMap(made);
    };
    if (isConstant) {
      const constant = build(nothing());
      return isError(constant) ? { evaluate: () => constant } : constantStep(constant);
    }
    return { evaluate: charged(build, MAP_COST) };
  }

  #planStruct(struct: StructLiteral): Step {
    const create = this.#environment.objectNamed(struct.name)?.create;
    if (!create) throw new PlanError(`unknown type: ${struct.name}`);
    const fields = struct.fields.map(({ name, value, isOptional }) => ({ name, value: this.plan(value), isOptional }));
    const build: Evaluate = (evaluation) => {
      const made = new Map<string, CelValue>();
      for (const { name, value, isOptional } of fields) {
        const found = value.evaluate(evaluation);
        if (isError(found)) return found;
        const given = isOptional ? unwrap(found, `entry '${name}'`) : found;
        if (given === undefined) continue;
        if (isError(given)) return given;
        made.set(name, given);
      }
      return create(made);
    };
    return { evaluate: charged(build, STRUCT_COST) };
  }

  #planFold(fold: Comprehension): Evaluate {
    const range = this.plan(fold.range).evaluate;
    const start = this.plan(fold.start).evaluate;
    const outer = this.#slots;
    const accumulator = this.#slotCount++;
    // It is worked out when it is first asked for: of a bound variable that nobody reads, never.
    const readAccumulator: Evaluate = (evaluation) => {
      const { slots } = evaluation;
      slots[accumulator] ??= growable(start(evaluation));
      return slots[accumulator];
    };
    const [first, second] = [this.#slotCount++, this.#slotCount++];
    this.#slots = new Map([...outer, [fold.accumulator, readAccumulator]]);
    const result = this.plan(fold.result).evaluate;
    const loop = new Map([...this.#slots, [fold.variable, readSlot(first)]]);
    if (fold.variable2 !== undefined) loop.set(fold.variable2, readSlot(second));
    this.#slots = loop;
    const condition = this.plan(fold.condition).evaluate;
    const step = this.plan(fold.step).evaluate;
    this.#slots = outer;
    const hasTwo = fold.variable2 !== undefined;
    return (evaluation) => {
      const over = range(evaluation);
      if (isError(over)) return over;
      const { slots } = evaluation;
      const saved = [slots[accumulator], slots[first], slots[second]] as const;
      slots[accumulator] = undefined;
      const entries = hasTwo ? entriesOf(over) : itemsOf(over);
      if (entries instanceof CelError) return entries;
      for (const [key, value] of entries) {
        slots[first] = key;
        slots[second] = value;
        const goesOn = condition(evaluation);
        if (goesOn === false) break;
        slots[accumulator] = step(evaluation);
      }
      const value = result(evaluation);
      [slots[accumulator], slots[first], slots[second]] = saved;
      return value;
    };
  }
}

/** For what reads no variable and must not be charged. */
function nothing(): Evaluation {
  return new Evaluation(() => undefined, Number.POSITIVE_INFINITY);
}

function unexpected(call: Call): never {
  throw new Error(`"${call.name}" is checked before it is planned`);
}

function refuseBadPattern({ name }: Call, [, pattern]: readonly Step[]): void {
  if ((name !== "find" && name !== "findAll") || typeof pattern?.constant !== "string") return;
  const expression = regularExpression(pattern.constant);
  if (expression instanceof Error) throw new PlanError(expression.message);
}

function readSlot(slot: number): Evaluate {
  return ({ slots }) => slots[slot] ?? null;
}

/** Lists and maps that a loop collects into grow in place; nobody else has this one. */
function growable(value: CelValue): CelValue {
  if (value instanceof CelList && value.size === 0) return new GrowingList();
  if (value instanceof CelMap && value.size === 0) return new EntryMap(new Map());
  return value;
}

/** Undefined: it is left out. */
function unwrap(value: CelValue, what: string): CelValue | undefined {
  if (value instanceof Optional) return value.value;
  return new CelError(`cannot initialize optional ${what} from non-optional value ${showValue(value)}`);
}
