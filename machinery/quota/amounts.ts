// Amounts of several resources at once: "cpu" and "memory" of a pod, "pods" and "secrets" of a namespace.

import type { Quantity as QuantityText } from "@atoll/api/generated/types";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  subtractQuantities,
  ZERO_QUANTITY,
} from "@atoll/api/meta/quantity";

/** By the resource's name. What is absent is not the same as nothing: nobody has said how much. */
export type Amounts = ReadonlyMap<string, Quantity>;

export type QuantityTexts = Readonly<Record<string, QuantityText>>;

/** What is no quantity counts as nothing; objects that were checked have none of it. */
export function readAmounts(texts: QuantityTexts | undefined): Map<string, Quantity> {
  return new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text) ?? ZERO_QUANTITY]));
}

export function writeAmounts(amounts: Amounts): Record<string, string> {
  const names = [...amounts.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, formatQuantity(amounts.get(name) ?? ZERO_QUANTITY)]));
}

/** "cpu=500m,pods=1" */
export function formatAmounts(amounts: Amounts): string {
  return Object.entries(writeAmounts(amounts))
    .map(([name, text]) => `${name}=${text}`)
    .join(",");
}

export function addAmounts(a: Amounts, b: Amounts): Map<string, Quantity> {
  const sum = new Map(a);
  addTo(sum, b);
  return sum;
}

export function addTo(sum: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) sum.set(name, addQuantities(sum.get(name) ?? ZERO_QUANTITY, amount));
}

export function raiseTo(largest: Map<string, Quantity>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const held = largest.get(name);
    if (!held || compareQuantities(amount, held) > 0) largest.set(name, amount);
  }
}

/** What `a` has more than `b`, of the resources that `a` names; never less than nothing. */
export function surplus(a: Amounts, b: Amounts): Map<string, Quantity> {
  return new Map(
    [...a].map(([name, amount]) => {
      const rest = subtractQuantities(amount, b.get(name) ?? ZERO_QUANTITY);
      return [name, rest.nanos > 0n ? rest : { ...rest, nanos: 0n }];
    }),
  );
}

export function pickAmounts(amounts: Amounts, isWanted: (name: string, amount: Quantity) => boolean) {
  return new Map([...amounts].filter(([name, amount]) => isWanted(name, amount)));
}

export function areEqualAmounts(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, amount]) => b.get(name)?.nanos === amount.nanos);
}
