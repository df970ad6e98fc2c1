// How many seats a request takes: one, but for lists, which hold the memory of what they answer with.

import type { ResourceTable } from "../registry/resource-table.ts";
import type { RequestInfo } from "../request/request-info.ts";

/** Upstream's figures: a seat for each 100 kB, no more than 1 MB at once, for answers are sent piece by piece. */
const BYTES_PER_SEAT = 100_000;
const BYTES_AT_ONCE = 1_000_000;
const SEATS_MAX = 10;
/** No request takes more of a level than this. */
const SHARE_MAX = 0.15;

/** `nominalSeats` is what the level has before anything is lent. */
export function requestWidth(info: RequestInfo, resources: ResourceTable, nominalSeats: number): number {
  if (info.verb !== "list" && !sendsInitialEvents(info)) return 1;
  if (info.name !== "") return 1;
  const store = resources.find(info.group, info.version, info.resource);
  if (!store?.isReady) return 1;
  const { items, remaining } = store.rangeCached(store.rangeOf(info.namespace), 1);
  const [first] = items;
  if (!first?.isReadable) return 1;
  const limit = Number(info.query.get("limit") ?? 0) || Number.POSITIVE_INFINITY;
  // The first object stands for all: those of a kind are about the same size.
  const bytes = Math.min(limit, remaining + 1) * first.bytes.length;
  const seats = Math.ceil(Math.min(bytes, BYTES_AT_ONCE) / BYTES_PER_SEAT);
  return Math.max(1, Math.min(seats, SEATS_MAX, Math.ceil(nominalSeats * SHARE_MAX)));
}

function sendsInitialEvents({ verb, query }: RequestInfo): boolean {
  if (verb !== "watch") return false;
  const version = query.get("resourceVersion") ?? "";
  return version === "" || version === "0" || query.get("sendInitialEvents") === "true";
}
