// What every maker checks before it does anything: a refused request has changed nothing.

import { Buffer } from "node:buffer";
import {
  KEY_BYTES_MAX,
  LEASE_TTL_SECONDS_MAX,
  StoreError,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_OPERATIONS_MAX,
  type Transaction,
  VALUE_BYTES_MAX,
} from "./store.ts";

/** Refuses what no maker could keep, and copies the values, so that the caller may reuse its buffers. */
export function checkTransaction({ compares, writes }: Transaction): Transaction {
  if (compares.length + writes.length > TRANSACTION_OPERATIONS_MAX) {
    throw new StoreError(
      "TooLarge",
      `Transaction has ${compares.length + writes.length} operations, at most ${TRANSACTION_OPERATIONS_MAX} are allowed`,
    );
  }
  for (const { key } of compares) checkKey(key);
  // Most transactions write one key.
  const written = writes.length > 1 ? new Set<string>() : undefined;
  let bytes = 0;
  for (const write of writes) {
    checkKey(write.key);
    if (written?.has(write.key)) throw new StoreError("Invalid", `Transaction writes key "${write.key}" twice`);
    written?.add(write.key);
    if (write.type === "delete") continue;
    bytes += write.value.byteLength;
    if (write.value.byteLength > VALUE_BYTES_MAX) {
      throw new StoreError(
        "TooLarge",
        `Value of key "${write.key}" has ${write.value.byteLength} bytes, at most ${VALUE_BYTES_MAX} are allowed`,
      );
    }
  }
  if (bytes > TRANSACTION_BYTES_MAX) {
    throw new StoreError("TooLarge", `Transaction has ${bytes} bytes, at most ${TRANSACTION_BYTES_MAX} are allowed`);
  }
  return {
    compares: compares.map(({ key, modRevision }) => ({ key, modRevision })),
    writes: writes.map((write) =>
      write.type === "put"
        ? { type: "put", key: write.key, value: new Uint8Array(write.value), lease: write.lease ?? 0 }
        : { type: "delete", key: write.key },
    ),
  };
}

function checkKey(key: string): void {
  if (key === "") throw new StoreError("Invalid", "Key is empty");
  if (!key.isWellFormed()) throw new StoreError("Invalid", "Key has a lone surrogate, which UTF-8 cannot encode");
  if (key.startsWith("\u{10FFFF}")) throw new StoreError("Invalid", "Key starts with U+10FFFF, which ends all ranges");
  // A UTF-16 unit takes at most three bytes of UTF-8: most keys need not be measured.
  if (key.length * 3 <= KEY_BYTES_MAX) return;
  const bytes = Buffer.byteLength(key);
  if (bytes > KEY_BYTES_MAX) {
    throw new StoreError("TooLarge", `Key has ${bytes} bytes, at most ${KEY_BYTES_MAX} are allowed`);
  }
}

export function checkRevision(revision: number): void {
  if (!Number.isSafeInteger(revision) || revision < 1) {
    throw new StoreError("Invalid", `Revision "${revision}" is not a positive integer`);
  }
}

export function checkTtl(ttlSeconds: number): void {
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > LEASE_TTL_SECONDS_MAX) {
    throw new StoreError("Invalid", `Lease of "${ttlSeconds}" seconds is not between 1 and ${LEASE_TTL_SECONDS_MAX}`);
  }
}

export function compactedError(revision: number, compacted: number): StoreError {
  return new StoreError("Compacted", `Revision ${revision} is forgotten: history starts at ${compacted}`);
}

export function futureError(revision: number, newest: number): StoreError {
  return new StoreError("FutureRevision", `Revision ${revision} has not happened yet: the newest is ${newest}`);
}

export function leaseNotFoundError(id: number): StoreError {
  return new StoreError("LeaseNotFound", `Lease "${id}" does not exist or has expired`);
}

export function closedError(): StoreError {
  return new StoreError("Closed", "Store is closed");
}
