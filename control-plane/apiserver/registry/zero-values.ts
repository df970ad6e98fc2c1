// Upstream's types hold some fields by value: its JSON shows them though nobody has set them, and clients and patches count on
// it. Objects of the same kinds hold them here, too, from the moment they are decoded. Only null stays out of objects, where it
// would be in everybody's way, and stands in the JSON alone. Other people's kinds have what is written.

import { ZEROS } from "@atoll/api/facts/zeros";
import { schemaModel } from "@atoll/api/generated/schemas";
import type { KubeObject } from "@atoll/api/resource";
import type { Schema } from "@atoll/api/schema";
import { isRecord } from "@atoll/base/is-record";
import { zeroFactsOf } from "@atoll/machinery/object/zero-facts";

/** What is to be done with the objects of one definition, without the ways in it that lead nowhere. */
export interface ZeroPlan {
  /** Names and values; null is not among them. */
  readonly scalars: readonly (readonly [name: string, value: unknown])[];
  readonly nulls: readonly string[];
  /** Fields in which something may have to be filled in. */
  readonly filled: readonly Branch[];
  /** Fields in which something may have to be shown as null. */
  readonly nullable: readonly Branch[];
}

interface Branch {
  readonly field: string;
  readonly form: "one" | "list" | "map";
  /** There is always one, empty if need be. */
  readonly isAlways: boolean;
  readonly plan: ZeroPlan;
}

type Json = Record<string, unknown>;

let plans: ReadonlyMap<string, ZeroPlan> | undefined;

/** By the name of the definition. Of one of which nothing is known, everything is left as it is. */
export function zeroPlanOf(definition: string): ZeroPlan {
  plans ??= makePlans();
  return plans.get(definition) ?? NOTHING;
}

const NOTHING: ZeroPlan = { scalars: [], nulls: [], filled: [], nullable: [] };

/** In place, on an object that was decoded: everything but null. */
export function showZeros(plan: ZeroPlan, object: KubeObject): void {
  fill(plan, asFields(object), "structs and scalars");
}

/** In place, on an object that is about to be checked and stored, whose fields have their owners. */
export function settleZeros(plan: ZeroPlan, object: KubeObject): void {
  showZeros(plan, object);
  withoutNulls(plan, object);
}

/** In place: the structs alone, for defaults, which find a struct to fill in wherever upstream's do. */
export function showStructs(plan: ZeroPlan, object: KubeObject): void {
  fill(plan, asFields(object), "structs");
}

function fill(plan: ZeroPlan, object: Json, what: "structs" | "structs and scalars"): void {
  if (what !== "structs") for (const [name, value] of plan.scalars) object[name] ??= value;
  for (const { field, form, isAlways, plan: inside } of plan.filled) {
    if (isAlways) object[field] ??= {};
    const value = object[field];
    if (value === undefined) continue;
    for (const part of partsOf(form, value)) fill(inside, part, what);
  }
}

/** The object as JSON shows it. The argument is not changed and shares what needs no null. */
export function withNulls(plan: ZeroPlan, object: KubeObject): KubeObject {
  return addNulls(plan, asFields(object)) as unknown as KubeObject; // the same fields and more
}

function addNulls(plan: ZeroPlan, object: Json): Json {
  const added: Json = {};
  for (const { field, form, plan: inside } of plan.nullable) {
    const value = object[field];
    if (value === undefined) continue;
    const changed = mapParts(form, value, (part) => addNulls(inside, part));
    if (changed !== value) added[field] = changed;
  }
  for (const name of plan.nulls) {
    if (object[name] === undefined) added[name] = null;
  }
  return Object.keys(added).length === 0 ? object : { ...object, ...added };
}

/** In place, on what was parsed of such JSON. Of a list that is empty nothing is kept either. */
export function withoutNulls(plan: ZeroPlan, parsed: KubeObject): KubeObject {
  dropNulls(plan, asFields(parsed));
  return parsed;
}

/** From the last one on, as an engine takes the last field of an object off cheaply. */
function dropNulls(plan: ZeroPlan, object: Json): void {
  for (let index = plan.nulls.length - 1; index >= 0; index--) {
    const name = plan.nulls[index] ?? "";
    if (isNothing(object[name])) delete object[name];
  }
  for (const { field, form, plan: inside } of plan.nullable) {
    const value = object[field];
    if (value === undefined) continue;
    for (const part of partsOf(form, value)) dropNulls(inside, part);
  }
}

function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function asFields(object: KubeObject): Json {
  return object as unknown as Json; // any object has fields with names
}

/** Decoded objects fit their definitions, so a list is one, and its items are objects. */
function partsOf(form: Branch["form"], value: unknown): readonly Json[] {
  if (form === "one") return [value as Json];
  return form === "list" ? (value as Json[]) : (Object.values(value as Json) as Json[]);
}

function mapParts(form: Branch["form"], value: unknown, map: (part: Json) => Json): unknown {
  if (form === "one") return map(value as Json);
  if (form === "list") return mapList(value as Json[], map);
  const entries = Object.entries(value as Record<string, Json>);
  const changed = mapList(
    entries.map(([, part]) => part),
    map,
  );
  return entries.every(([, part], index) => part === changed[index])
    ? value
    : Object.fromEntries(entries.map(([name], index) => [name, changed[index]]));
}

function mapList(list: readonly Json[], map: (part: Json) => Json): readonly Json[] {
  const changed = list.map(map);
  return changed.every((part, index) => part === list[index]) ? list : changed;
}

interface UnfinishedPlan extends ZeroPlan {
  readonly branches: readonly Branch[];
  filled: readonly Branch[];
  nullable: readonly Branch[];
}

/** Definitions refer to themselves and to each other: all are planned, then the ways that lead nowhere are cut off. */
function makePlans(): ReadonlyMap<string, ZeroPlan> {
  const unfinished = new Map<string, UnfinishedPlan>();
  for (const definition of Object.keys(ZEROS)) planFor(definition, unfinished);
  const filling = leadingTo(unfinished, ({ scalars, branches }) => {
    return scalars.length > 0 || branches.some(({ isAlways }) => isAlways);
  });
  const nulling = leadingTo(unfinished, ({ nulls }) => nulls.length > 0);
  for (const plan of unfinished.values()) {
    plan.filled = plan.branches.filter((branch) => branch.isAlways || filling.has(branch.plan));
    plan.nullable = plan.branches.filter((branch) => nulling.has(branch.plan));
  }
  return unfinished;
}

function leadingTo(
  all: ReadonlyMap<string, UnfinishedPlan>,
  isGoal: (plan: UnfinishedPlan) => boolean,
): ReadonlySet<ZeroPlan> {
  const leading = new Set<ZeroPlan>([...all.values()].filter(isGoal));
  for (let before = -1; before !== leading.size; ) {
    before = leading.size;
    for (const plan of all.values()) {
      if (plan.branches.some((branch) => leading.has(branch.plan))) leading.add(plan);
    }
  }
  return leading;
}

function planFor(definition: string, all: Map<string, UnfinishedPlan>): UnfinishedPlan {
  const planned = all.get(definition);
  if (planned) return planned;
  const shown = [...(zeroFactsOf(definition)?.shown ?? [])];
  const structs = new Set(shown.filter(([, value]) => isRecord(value)).map(([name]) => name));
  const branches: Branch[] = [];
  const plan: UnfinishedPlan = {
    scalars: shown.filter(([, value]) => value !== null && !isRecord(value)),
    nulls: shown.filter(([, value]) => value === null).map(([name]) => name),
    branches,
    filled: [],
    nullable: [],
  };
  all.set(definition, plan);
  for (const [field, schema] of Object.entries(schemaModel.definitions[definition]?.properties ?? {})) {
    const target = targetOf(schema);
    if (target) branches.push({ ...target, field, isAlways: structs.has(field), plan: planFor(target.name, all) });
  }
  return plan;
}

/** The definition of what a field holds, and in which form. */
function targetOf({ ref, items, additionalProperties }: Schema): { name: string; form: Branch["form"] } | undefined {
  if (ref !== undefined) return { name: ref, form: "one" };
  if (items?.ref !== undefined) return { name: items.ref, form: "list" };
  return additionalProperties?.ref === undefined ? undefined : { name: additionalProperties.ref, form: "map" };
}
