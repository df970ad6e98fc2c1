// The store's operations as etcd's requests.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  type CompareSchema,
  type RangeRequestSchema,
  type RangeResponse,
  type RequestOpSchema,
  type TxnRequest,
  TxnRequestSchema,
  type TxnResponse,
} from "@atoll/api/etcd/etcd_pb";
import type { Compare, KeyRange, RangeOptions, Transaction, WriteOperation } from "../store.ts";
import { keyBytes, toEtcdRange } from "./etcd-values.ts";

type Operation = MessageInitShape<typeof RequestOpSchema>;
type EtcdRange = MessageInitShape<typeof RangeRequestSchema>;

/** A key to ask about when only the answer's revision, or its refusal, is of interest. */
const ANY_KEY = { key: keyBytes("\0"), countOnly: true };

export function revisionRequest(): TxnRequest {
  return create(TxnRequestSchema, { success: [rangeOperation(ANY_KEY)] });
}

/**
 * A read at a revision also asks for the one before it, and fails when that is forgotten: the store compacts one revision
 * less than it was told to (see `EtcdStore.compact`), which must not show.
 */
export function rangeRequest(
  range: KeyRange,
  { limit = 0, revision = 0, countOnly = false }: RangeOptions,
): TxnRequest {
  const place = toEtcdRange(range);
  const at = { revision: BigInt(revision) };
  const read = place ? { ...place, ...at, limit: BigInt(limit), countOnly } : { ...ANY_KEY, ...at };
  const isOldest = revision <= 1;
  const before = { ...ANY_KEY, revision: BigInt(revision - 1) };
  return create(TxnRequestSchema, { success: (isOldest ? [read] : [before, read]).map(rangeOperation) });
}

export function transactionRequest({ compares, writes }: Transaction): TxnRequest {
  return create(TxnRequestSchema, {
    compare: compares.map(toCompare),
    success: writes.map(writeOperation),
    failure: compares.map(({ key }) => rangeOperation({ key: keyBytes(key) })),
  });
}

/** The answers to the request's reads, in their order. */
export function rangesOf({ responses }: TxnResponse): RangeResponse[] {
  return responses.flatMap(({ response }) => (response.case === "responseRange" ? [response.value] : []));
}

function toCompare({ key, modRevision }: Compare): MessageInitShape<typeof CompareSchema> {
  return {
    result: Compare_CompareResult.EQUAL,
    target: Compare_CompareTarget.MOD,
    key: keyBytes(key),
    targetUnion: { case: "modRevision", value: BigInt(modRevision) },
  };
}

function rangeOperation(value: EtcdRange): Operation {
  return { request: { case: "requestRange", value } };
}

function writeOperation(write: WriteOperation): Operation {
  const key = keyBytes(write.key);
  if (write.type === "delete") return { request: { case: "requestDeleteRange", value: { key } } };
  return { request: { case: "requestPut", value: { key, value: write.value, lease: BigInt(write.lease ?? 0) } } };
}
