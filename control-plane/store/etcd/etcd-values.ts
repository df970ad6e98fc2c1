// Between etcd's messages and the store's own: keys are text here and bytes there, revisions are numbers here (2^53 of them
// are enough for any store's life) and 64-bit there.

import type { Event, KeyValue as EtcdKeyValue, ResponseHeader } from "@atoll/api/etcd/etcd_pb";
import { Event_Type } from "@atoll/api/etcd/etcd_pb";
import { compareKeys } from "../key-order.ts";
import { type KeyRange, type KeyValue, StoreError, type StoreEvent } from "../store.ts";
import { compactedError } from "../validation.ts";

const NO_BYTES = new Uint8Array(0);

/** etcd's way to say "from the first key on" and "to the last one". */
const FIRST_KEY = Uint8Array.of(0);

export const ALL_KEYS = { key: FIRST_KEY, rangeEnd: FIRST_KEY };

export function keyBytes(key: string): Uint8Array {
  return Buffer.from(key);
}

/** Undefined: no key can lie in the range, which etcd has no way to ask for. */
export function toEtcdRange({ start, end }: KeyRange): { key: Uint8Array; rangeEnd: Uint8Array } | undefined {
  if (end === undefined) return start === "" ? undefined : { key: keyBytes(start), rangeEnd: NO_BYTES };
  const from = start === "" ? "\0" : start;
  return compareKeys(from, end) < 0 ? { key: keyBytes(from), rangeEnd: keyBytes(end) } : undefined;
}

/** A stranger's lease may have an id beyond 2^53 and is then shown rounded: it says that there is one, not which. */
export function toKeyValue({ key, value, createRevision, modRevision, version, lease }: EtcdKeyValue): KeyValue {
  return {
    key: textOf(key),
    // A copy: the bytes are a part of the whole message, which would stay in memory with them.
    value: value.slice(),
    createRevision: Number(createRevision),
    modRevision: Number(modRevision),
    version: Number(version),
    lease: Number(lease),
  };
}

/** Throws "Compacted" when etcd no longer knows what was deleted, which it then leaves out without a word. */
export function toEvent({ type, kv, prevKv }: Event): StoreEvent {
  if (!kv) throw new StoreError("Unavailable", "Read events: etcd sent one without a key");
  const { key, value, createRevision, modRevision: revision, version, lease } = toKeyValue(kv);
  if (type !== Event_Type.DELETE) return { type: "put", key, value, revision, createRevision, version, lease };
  if (!prevKv) throw compactedError(revision, revision + 1);
  return { type: "delete", key, revision, createRevision: Number(prevKv.createRevision), version: 0, lease: 0 };
}

export function revisionOf(header: ResponseHeader | undefined): number {
  return Number(header?.revision ?? 0n);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
