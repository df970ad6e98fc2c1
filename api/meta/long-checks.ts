// Lists of thousands of items are checked in steps: what checks the whole object leaves them to whoever has asked for it, who
// lets others have their turn between the items.

import { isLongList } from "@atoll/base/steps";
import type { FieldError } from "../kind.ts";

/** What stands among faults for those of a long list. */
interface LeftFaults extends FieldError {
  readonly rest: () => Generator<readonly FieldError[]>;
}

/** The faults of all items, as `flatMap` gives them; of a long list something that `faultsInSteps` makes them of. */
export function checkEach<T>(list: readonly T[], check: (item: T, index: number) => FieldError[]): FieldError[] {
  if (!isLongList(list)) return list.flatMap(check);
  const left: LeftFaults = {
    ...{ type: "InternalError", field: "", message: "a list is not checked yet" },
    rest: function* () {
      for (const [index, item] of list.entries()) yield check(item, index);
    },
  };
  return [left];
}

/**
 * Characters of messages after which no more faults of a list are looked for: each may show all of the object, and a list of
 * thousands would fill the memory with what nobody reads.
 */
export const FAULTS_LENGTH_MAX = 4 * 1024 * 1024;

/** All faults, in their order, as far as anybody can read them. Pauses between the items of long lists. */
export function* faultsInSteps(faults: readonly FieldError[]): Generator<void, readonly FieldError[]> {
  if (!faults.some(isLeft)) return faults;
  const all: FieldError[] = [];
  let length = 0;
  for (const fault of faults) {
    if (!isLeft(fault)) {
      all.push(fault);
      continue;
    }
    for (const some of fault.rest()) {
      for (const found of yield* faultsInSteps(some)) {
        all.push(found);
        length += found.message.length;
      }
      if (length > FAULTS_LENGTH_MAX) return all;
      yield;
    }
  }
  return all;
}

/** The same at once, for whoever must know what is wrong before he goes on. */
export function allFaults(faults: readonly FieldError[]): FieldError[] {
  return faults.flatMap((fault) => (isLeft(fault) ? [...fault.rest()].flatMap(allFaults) : [fault]));
}

function isLeft(fault: FieldError): fault is LeftFaults {
  return "rest" in fault;
}
