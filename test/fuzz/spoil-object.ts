// Objects made odd beyond their schema: leaves that are very long, lists and maps with far too many entries, names that mean
// something to JavaScript.

import { isRecord } from "@atoll/base/is-record";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../differential/random-values.ts";
import { below, longText, oddText, oddValue, skewed } from "./odd-values.ts";

type Json = Record<string, unknown>;
type Holder = Json | unknown[];

const ENTRIES_MAX = 20_000;
const LONG_TEXT_MAX = 500_000;

interface Place {
  readonly holder: Holder;
  readonly key: string | number;
  readonly value: unknown;
}

/** Changes the object itself, at one place. */
export function spoilObject(random: Random, object: Json): void {
  const places = placesIn(object).filter(({ key }) => key !== "kind" && key !== "apiVersion");
  if (places.length === 0) return;
  const place = pick(random, places);
  const { holder, key, value } = place;
  if (chance(random, 0.12)) put(holder, pick(random, ["__proto__", "constructor", oddText(random)]), oddValue(random));
  else if (Array.isArray(value) && value.length > 0 && chance(random, 0.6)) put(holder, key, multiplied(random, value));
  else if (isRecord(value) && chance(random, 0.4)) put(holder, key, crowded(random, value));
  else if (typeof value === "string" && chance(random, 0.15)) put(holder, key, longText(random, LONG_TEXT_MAX));
  else put(holder, key, chance(random, 0.7) ? oddText(random) : oddValue(random));
}

/** The same entries again, as they are or each a little different. */
function multiplied(random: Random, list: readonly unknown[]): unknown[] {
  const count = skewed(random, ENTRIES_MAX);
  const isSame = chance(random, 0.5);
  return Array.from({ length: count }, (_, index) => {
    const item = structuredClone(list[index % list.length]);
    if (isSame || !isRecord(item)) return isSame || typeof item !== "string" ? item : `${item}${index}`;
    const name = Object.keys(item).find((field) => typeof item[field] === "string");
    if (name !== undefined) item[name] = `${item[name]}${index}`;
    return item;
  });
}

function crowded(random: Random, map: Json): Json {
  const count = skewed(random, ENTRIES_MAX);
  const value = Object.values(map)[0] ?? "v";
  const prefix = pick(random, ["k", "example.com/k", "K!", "__proto__", "a".repeat(60)]);
  // Each of its own: what is changed in one later is not to be changed in all, twenty thousand times.
  const entries = Array.from({ length: count }, (_, index) => [`${prefix}${index}`, structuredClone(value)]);
  return { ...map, ...Object.fromEntries(entries) };
}

function placesIn(value: unknown, places: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return places;
  const holder = value as Holder; // any object is one of the two
  for (const [key, child] of Object.entries(holder)) {
    places.push({ holder, key: Array.isArray(holder) ? Number(key) : key, value: child });
    placesIn(child, places);
  }
  return places;
}

/** Also under names that an assignment would not make a field of; in a list, which has no names, at its end. */
function put(holder: Holder, key: string | number, value: unknown): void {
  if (Array.isArray(holder)) holder[typeof key === "number" ? key : holder.length] = value;
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** How many places are changed: mostly one. */
export function placesToChange(random: Random): number {
  return 1 + below(random, 3) * below(random, 2);
}
