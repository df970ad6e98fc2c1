// `metadata.managedFields` as a map of who owns what. A manager is a name with what it did and where: the same name applies
// under one entry, updates under another, and writes each subresource under a third.

import { doAtOnce, LeftLists } from "@atoll/base/steps";
import { EMPTY_SET, type FieldSet, isEmptySet, readFieldSet, sortSet, unionOf } from "./field-set.ts";

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
  readonly subresource?: string;
}

export type ManagerOperation = "Apply" | "Update";

export interface Manager {
  readonly name: string;
  readonly operation: ManagerOperation;
  readonly apiVersion: string;
  readonly subresource: string;
  /** When it last changed something, RFC 3339; "" where nobody knows. */
  readonly time: string;
  readonly fields: FieldSet;
}

/** By `managerKey`. */
export type Managers = ReadonlyMap<string, Manager>;

export const NO_MANAGERS: Managers = new Map();

/** An object keeps this many entries of updates; older ones are thrown together. As upstream. */
const UPDATE_MANAGERS_MAX = 10;
const OLD_UPDATES_NAME = "ancient-changes";

/** Who is the same manager. Appliers keep their entry when they change to another version of the API. */
export function managerKey({
  name,
  operation,
  apiVersion,
  subresource,
}: Pick<Manager, "name" | "operation" | "apiVersion" | "subresource">): string {
  return JSON.stringify([name, operation, operation === "Apply" ? "" : apiVersion, subresource]);
}

/** From a client. Throws SyntaxError for entries that are none. */
export function readManagers(entries: readonly unknown[]): Managers {
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    if (!isEntry(entry)) throw new SyntaxError("an entry has fields of wrong types");
    const manager = readManager(entry);
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function isEntry(entry: unknown): entry is ManagedFieldsEntry {
  if (typeof entry !== "object" || entry === null) return false;
  const texts = Object.entries(entry).filter(([name]) => name !== "fieldsV1");
  if (!texts.every(([, value]) => value === undefined || typeof value === "string")) return false;
  return !("time" in entry) || TIME.test(String(entry.time));
}

function readManager(entry: ManagedFieldsEntry): Manager {
  const { manager = "", operation, apiVersion, time = "", fieldsType, fieldsV1, subresource = "" } = entry;
  if (operation !== "Apply" && operation !== "Update") throw new SyntaxError("operation must be `Apply` or `Update`");
  if (!apiVersion) throw new SyntaxError("apiVersion must not be empty");
  if (fieldsType !== "FieldsV1") throw new SyntaxError(`invalid fieldsType ${JSON.stringify(fieldsType ?? "")}`);
  const fields = fieldsV1 === undefined || fieldsV1 === null ? EMPTY_SET : readFieldSet(fieldsV1);
  return { name: manager, operation, apiVersion, subresource, time, fields };
}

/** Sets that came from the store, which holds them in order. */
const sortedSets = new WeakSet<FieldSet>();

/**
 * What this server has written itself and nobody could change since: taken as it is. It is the way of nearly every write,
 * so nothing is checked or copied.
 */
export function trustManagers(entries: readonly ManagedFieldsEntry[]): Managers {
  const managers = new Map<string, Manager>();
  for (const { manager = "", operation, apiVersion = "", time = "", fieldsV1, subresource = "" } of entries) {
    const isApply = operation === "Apply";
    const read: Manager = {
      name: manager,
      operation: isApply ? "Apply" : "Update",
      apiVersion,
      subresource,
      time,
      fields: (fieldsV1 ?? EMPTY_SET) as FieldSet, // written by `writeManagers`
    };
    sortedSets.add(read.fields);
    managers.set(managerKey(read), read);
  }
  return managers;
}

/** Undefined where nobody manages anything: the object then has no `managedFields`. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  return doAtOnce(writeManagersInSteps(managers));
}

/** Pauses between the items of long lists. */
export function* writeManagersInSteps(managers: Managers): Generator<void, ManagedFieldsEntry[] | undefined> {
  if (managers.size === 0) return undefined;
  const left = new LeftLists();
  const entries = [...managers.values()].sort(compareManagers).map((manager) => ({
    ...(manager.name === "" ? {} : { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === "" ? {} : { time: manager.time }),
    fieldsType: "FieldsV1",
    fieldsV1: sortedSets.has(manager.fields) ? manager.fields : sortSet(manager.fields, left),
    ...(manager.subresource === "" ? {} : { subresource: manager.subresource }),
  }));
  yield* left.finish();
  return entries;
}

function compareManagers(left: Manager, right: Manager): number {
  return (
    compareText(left.operation, right.operation) ||
    compareText(left.time, right.time) ||
    compareText(left.name, right.name) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource, right.subresource)
  );
}

/** Throws the oldest updates of each version of the API together until few enough are left. */
export function limitManagers(managers: Managers): Managers {
  if (managers.size <= UPDATE_MANAGERS_MAX) return managers;
  const updaters = [...managers].filter(([, { operation }]) => operation === "Update");
  if (updaters.length <= UPDATE_MANAGERS_MAX) return managers;
  updaters.sort(
    ([leftKey, left], [rightKey, right]) => compareText(left.time, right.time) || compareText(leftKey, rightKey),
  );
  const limited = new Map(managers);
  const firstKeys = new Map<string, string>();
  let count = updaters.length;
  for (const [key, manager] of updaters) {
    if (count <= UPDATE_MANAGERS_MAX) break;
    const { apiVersion } = manager;
    const firstKey = firstKeys.get(apiVersion);
    // One alone stays what it is: it would only lose its name.
    if (firstKey === undefined) {
      firstKeys.set(apiVersion, key);
      continue;
    }
    const old: Manager = { ...manager, name: OLD_UPDATES_NAME, subresource: "" };
    const oldKey = managerKey(old);
    const before = limited.get(oldKey) ?? limited.get(firstKey);
    if (!limited.has(oldKey)) limited.delete(firstKey);
    limited.delete(key);
    limited.set(oldKey, { ...old, fields: unionOf(before?.fields ?? EMPTY_SET, manager.fields) });
    count -= 1;
  }
  return limited;
}

/** Without those who own nothing any more. */
export function withoutIdle(managers: Managers): Managers {
  const idle = [...managers].filter(([, { fields }]) => isEmptySet(fields));
  if (idle.length === 0) return managers;
  const busy = new Map(managers);
  for (const [key] of idle) busy.delete(key);
  return busy;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
