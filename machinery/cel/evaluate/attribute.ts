// A way to a value: a variable or the outcome of an expression, and then fields, keys and indices one after the other.
// Upstream prices a way as one, whatever it starts from, and one more for each step; so does this.

import { equal } from "../values/equality.ts";
import { showValue } from "../values/show.ts";
import { CelError, CelList, CelMap, type CelValue, isError, Optional, typeNameOf, Uint } from "../values/values.ts";
import type { Evaluation } from "./evaluation.ts";

export type Evaluate = (evaluation: Evaluation) => CelValue;

export interface Qualifier {
  /** `.?field` and `[?index]`: what is not there ends the way without an error. */
  readonly isOptional: boolean;
  readonly key: CelValue | Evaluate;
  /** The last step of `has(...)`: it only asks. */
  readonly isPresenceTest: boolean;
}

export class Attribute {
  readonly #start: Evaluate;
  readonly #qualifiers: Qualifier[] = [];

  constructor(start: Evaluate) {
    this.#start = start;
  }

  add(qualifier: Qualifier): void {
    this.#qualifiers.push(qualifier);
  }

  readonly resolve: Evaluate = (evaluation) => {
    const start = this.#start(evaluation);
    if (isError(start)) return start;
    const qualifiers = this.#qualifiers;
    if (qualifiers.length === 0) return start;
    if (start instanceof Optional && start.value === undefined) return start;
    let isOptional = start instanceof Optional;
    let value: CelValue = start instanceof Optional ? (start.value ?? null) : start;
    for (const qualifier of qualifiers) {
      isOptional ||= qualifier.isOptional;
      const next = step(value, qualifier, isOptional, evaluation);
      if (next === undefined) return Optional.none;
      if (isError(next)) return next;
      value = next;
    }
    return isOptional ? new Optional(value) : value;
  };
}

/** Undefined: it is not there, and may be absent. */
function step(
  value: CelValue,
  qualifier: Qualifier,
  mayBeAbsent: boolean,
  evaluation: Evaluation,
): CelValue | undefined {
  const key = typeof qualifier.key === "function" ? qualifier.key(evaluation) : qualifier.key;
  const found = isError(key) ? key : find(value, key, mayBeAbsent || qualifier.isPresenceTest);
  if (qualifier.isPresenceTest) {
    evaluation.charge(1);
    return found !== undefined && isError(found) ? found : found !== undefined;
  }
  if (found !== undefined) evaluation.charge(1);
  return found;
}

function find(value: CelValue, key: CelValue, mayBeAbsent: boolean): CelValue | undefined {
  if (isError(value)) return value;
  if (value instanceof CelMap) {
    const found = value.get(key);
    return found === undefined && !mayBeAbsent ? noSuchKey(key) : found;
  }
  if (value instanceof CelList) {
    const index = indexOf(key);
    if (typeof index !== "number") return index;
    if (index >= 0 && index < value.size) return value.at(index);
    return mayBeAbsent ? undefined : new CelError(`index out of bounds: ${showValue(key)}`);
  }
  return mayBeAbsent ? undefined : noSuchKey(key);
}

export function noSuchKey(key: CelValue): CelError {
  return new CelError(`no such key: ${showValue(key)}`);
}

function indexOf(key: CelValue): number | CelError {
  if (typeof key === "bigint") return Number(key);
  if (key instanceof Uint) return Number(key.value);
  if (typeof key !== "number") return new CelError(`unsupported index type '${typeNameOf(key)}' in list`);
  return Number.isInteger(key) ? key : new CelError(`unsupported index value ${showValue(key)} in list`);
}

/** Whether a list holds the value. */
export function contains(list: CelList, value: CelValue): boolean | CelError {
  let error: CelError | undefined;
  for (const item of list) {
    const same = equal(item, value);
    if (same === true) return true;
    if (isError(same)) error ??= same;
  }
  return error ?? false;
}
