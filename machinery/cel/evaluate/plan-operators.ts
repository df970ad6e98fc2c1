// Operators that are not planned as functions are: logic, choices, indices, alternatives, membership.

import { CelError, type CelList, isError, keyOf, Optional } from "../values/values.ts";
import { Attribute, type Evaluate } from "./attribute.ts";
import { Branch, constantStep, type Step, stepOf } from "./step.ts";

export function planLogical(steps: readonly Step[], decisive: boolean): Evaluate {
  return (evaluation) => {
    let error: CelError | undefined;
    for (const { evaluate } of steps) {
      const value = evaluate(evaluation);
      if (value === decisive) return decisive;
      if (value !== !decisive) error ??= isError(value) ? value : new CelError("no such overload");
    }
    return error ?? !decisive;
  };
}

export function planNotFalse({ evaluate }: Step): Evaluate {
  return (evaluation) => {
    const value = evaluate(evaluation);
    evaluation.charge(1);
    return value !== false;
  };
}

export function planConditional(condition: Step, yes: Step, no: Step): Step {
  const way = ({ attribute, evaluate }: Step) => attribute ?? new Attribute(evaluate);
  return stepOf(new Branch(condition.evaluate, way(yes), way(no)));
}

export function planIndex(operand: Step, index: Step, isOptional: boolean): Step {
  const attribute = operand.attribute ?? new Attribute(operand.evaluate);
  // Of an index that is a way itself only the steps are charged.
  const key = index.constant === undefined ? (index.attribute?.resolve ?? index.evaluate) : index.constant;
  attribute.add({ key, isOptional, isPresenceTest: false });
  return stepOf(attribute);
}

/** The other is only worked out where the optional is empty; that costs nothing of its own. */
export function planAlternative(optional: Step, other: Step, name: "or" | "orValue"): Step {
  return {
    evaluate(evaluation) {
      const value = optional.evaluate(evaluation);
      if (!(value instanceof Optional)) return value;
      if (value.value === undefined) return other.evaluate(evaluation);
      return name === "or" ? value : value.value;
    },
  };
}

export function planMembership(value: Step, list: CelList): Step | undefined {
  if (list.size === 0) return constantStep(false);
  const members = new Set<string | bigint | boolean | number>();
  for (const item of list) {
    const key = item === null || item instanceof Uint8Array ? undefined : keyOf(item);
    if (key === undefined) return undefined;
    members.add(key);
  }
  return {
    evaluate(evaluation) {
      const found = value.evaluate(evaluation);
      if (isError(found)) return found;
      const key = keyOf(found);
      return key !== undefined && members.has(key);
    },
  };
}
