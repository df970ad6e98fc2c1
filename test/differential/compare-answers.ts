// Whether two servers said the same: the status code, and the body without what no two servers can agree on.

import { isRecord } from "@atoll/base/is-record";

export interface ServerAnswer {
  readonly status: number;
  readonly body: string;
  readonly warnings: string;
}

export interface Difference {
  /** "status", "reason", "causes", "message", "warnings" or the path of a field. */
  readonly where: string;
  readonly atoll: string;
  readonly upstream: string;
}

const OF_ANSWERS: ReadonlySet<string> = new Set(["status", "reason", "causes", "message", "warnings"]);

/** Whether a field of the object itself differs. */
export function isOfObject({ where }: Difference): boolean {
  return !OF_ANSWERS.has(where);
}

/** Every difference that counts; empty where the answers are the same. */
export function compareAnswers(atoll: ServerAnswer, upstream: ServerAnswer): Difference[] {
  if (atoll.status !== upstream.status) {
    return [{ where: "status", atoll: describe(atoll), upstream: describe(upstream) }];
  }
  const [left, right] = [parse(atoll.body), parse(upstream.body)];
  if (isRecord(left) && isRecord(right) && left.kind === "Status" && right.kind === "Status") {
    return compareStatuses(left, right);
  }
  const differences = differingFields(settle(left), settle(right), "");
  if (atoll.warnings !== upstream.warnings) {
    differences.push({ where: "warnings", atoll: atoll.warnings, upstream: upstream.warnings });
  }
  return differences;
}

type Json = Readonly<Record<string, unknown>>;

/** Code, reason and causes are what programs act on; the words of the message are compared apart. */
function compareStatuses(left: Json, right: Json): Difference[] {
  const differences: Difference[] = [];
  const compare = (where: string, of: (status: Json) => string) => {
    const [atoll, upstream] = [of(left), of(right)];
    if (atoll !== upstream) differences.push({ where, atoll, upstream });
  };
  compare("reason", (status) => String(status.reason));
  compare("causes", (status) => causesOf(status).join("; "));
  const [atoll, upstream] = [left, right].map((status) => settleText(String(status.message ?? ""))) as [string, string]; // two of two
  if (differences.length === 0 && !isSameMessage(atoll, upstream))
    differences.push({ where: "message", atoll, upstream });
  return differences;
}

/** Faults of labels, resources and the like come in the order of a map, which upstream's language shuffles. */
export function isSameMessage(atoll: string, upstream: string): boolean {
  return atoll === upstream || sortFaults(atoll) === sortFaults(upstream);
}

function sortFaults(message: string): string {
  const [subject = "", faults] = message.split(" is invalid: [", 2);
  return faults === undefined ? subject : [subject, ...faults.slice(0, -1).split(", ").sort()].join(", ");
}

/** Reasons and fields, in no order. */
function causesOf(status: Json): string[] {
  const details = isRecord(status.details) ? status.details : {};
  const causes = Array.isArray(details.causes) ? details.causes.filter(isRecord) : [];
  return [...new Set(causes.map(({ reason, field }) => `${reason} ${field}`))].sort();
}

/** What each server makes by itself. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["uid", "resourceVersion", "creationTimestamp", "time", "selfLink"]);
const OWN_ADDRESSES: ReadonlySet<string> = new Set(["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"]);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TOKEN_VOLUME = /kube-api-access-[a-z0-9]{5}/g;
const SERVICE_ADDRESS = /^10\.\d+\.\d+\.\d+$/;
const NODE_PORT = /:3\d{4}\//g;
const REPEATED_PORT = /(?<=nodePort: Duplicate value: )3\d{4}/g;
const ALLOCATED_ADDRESS = /(?<=clusterIPs\[\d\]: Invalid value: ")10\.\d+\.\d+\.\d+/g;
const AGE = /^(\d+[smhd])+$|^<invalid>$/;

/** Without what no two servers can agree on. */
export function settle(value: unknown, field = ""): unknown {
  if (Array.isArray(value))
    return inOrder(
      value.map((item) => settle(item, field)),
      field,
    );
  if (!isRecord(value)) return typeof value === "string" ? settleText(value, field) : value;
  const { kind, items } = value;
  if (typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)) {
    // What is said of a kind is said of it here, too.
    const named = items.map((item) => (isRecord(item) ? { kind: kind.slice(0, -"List".length), ...item } : item));
    return settle({ ...value, kind: `${kind}ed`, items: named }, field);
  }
  const entries = Object.entries(withoutLateStatus(value))
    .filter(([name]) => !OWN_FIELDS.has(name))
    .map(([name, item]) => [name, OWN_ADDRESSES.has(name) ? marked(item) : settle(item, name)]);
  return Object.fromEntries(entries);
}

/**
 * Say some time after they were written whether the priority levels of flow schemas are there, and what became of definitions and
 * API services.
 */
const LATE_MANAGERS: readonly unknown[] = ["api-priority-and-fairness-config-consumer-v1", "kube-apiserver"];
const LATE_CONDITION = "Dangling";
const LATE_COLUMNS: readonly unknown[] = ["MissingPL", "Available"];
const LATE_STATUSES: readonly unknown[] = ["CustomResourceDefinition", "APIService"];

/** Or whoever they found there, of an object without owners. */
function isLateOwner({ manager, subresource }: Json): boolean {
  return LATE_MANAGERS.includes(manager) || (manager === "before-first-apply" && subresource === "status");
}

/** Without what only time tells of an object, its owner and its column. */
function withoutLateStatus(value: Json): Json {
  const { kind, conditions, managedFields, columnDefinitions, rows } = value;
  const settled: Record<string, unknown> = { ...value };
  if (LATE_STATUSES.includes(kind)) delete settled.status;
  const drop = (field: string, list: unknown, isLate: (item: Json) => boolean) => {
    if (!Array.isArray(list) || !list.some((item) => isRecord(item) && isLate(item))) return;
    const others = list.filter((item) => !(isRecord(item) && isLate(item)));
    if (others.length > 0) settled[field] = others;
    else delete settled[field];
  };
  drop("conditions", conditions, ({ type }) => type === LATE_CONDITION);
  drop("managedFields", managedFields, isLateOwner);
  const column = Array.isArray(columnDefinitions)
    ? columnDefinitions.findIndex(({ name }) => LATE_COLUMNS.includes(name))
    : -1;
  if (column >= 0 && Array.isArray(rows)) {
    settled.rows = rows.map((row) => ({ ...row, cells: row.cells.with(column, "<late>") }));
  }
  return settled;
}

/** Owners are sorted by their times, and a second may end between the two servers. */
function inOrder(items: unknown[], field: string): unknown[] {
  const keyOf = (entry: unknown) => {
    const { manager, operation, subresource, apiVersion } = isRecord(entry) ? entry : {};
    return [manager, operation, subresource, apiVersion].join("\n");
  };
  return field === "managedFields" ? items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) : items;
}

/** That there is one, not which. */
function marked(value: unknown): unknown {
  return value === "None" || value === "" || value === undefined ? value : "<allocated>";
}

function settleText(text: string, field = ""): string {
  if (field === "cells") {
    if (AGE.test(text)) return "<age>";
    return text
      .replace(SERVICE_ADDRESS, "<address>")
      .replaceAll(NODE_PORT, ":<port>/")
      .replaceAll(UID, "<uid>")
      .replaceAll(TIME, "<time>");
  }
  return text
    .replaceAll(UID, "<uid>")
    .replaceAll(TIME, "<time>")
    .replaceAll(TOKEN_VOLUME, "kube-api-access-<random>")
    .replaceAll(ALLOCATED_ADDRESS, "<address>")
    .replaceAll(REPEATED_PORT, "<port>");
}

function differingFields(left: unknown, right: unknown, path: string): Difference[] {
  if (isRecord(left) && isRecord(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].flatMap((name) =>
      differingFields(left[name], right[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    return left.flatMap((item, index) => differingFields(item, right[index], `${path}[${index}]`));
  }
  if (left === right) return [];
  return [{ where: path, atoll: show(left), upstream: show(right) }];
}

function show(value: unknown): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}

function describe({ status, body }: ServerAnswer): string {
  const parsed = parse(body);
  const message = isRecord(parsed) && parsed.kind === "Status" ? ` ${parsed.reason}: ${parsed.message}` : "";
  return `${status}${message}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
