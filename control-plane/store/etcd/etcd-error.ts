// What etcd's refusals mean here. etcd tells most of its errors apart only by their text, which is part of its API: clients
// in every language compare it.

import { status, type ServiceError } from "@grpc/grpc-js";
import { StoreError, type StoreErrorCode } from "../store.ts";

const CODE_OF_DETAILS: ReadonlyMap<string, StoreErrorCode> = new Map([
  ["etcdserver: mvcc: required revision has been compacted", "Compacted"],
  ["etcdserver: mvcc: required revision is a future revision", "FutureRevision"],
  ["etcdserver: requested lease not found", "LeaseNotFound"],
  ["etcdserver: request is too large", "TooLarge"],
  ["etcdserver: too many operations in txn request", "TooLarge"],
]);

/** Refusals that come before a proposal is made: what was asked for has not been done and will not be. */
const REFUSED_BEFORE_DONE: ReadonlySet<string> = new Set([
  "etcdserver: no leader",
  "etcdserver: mvcc: database space exceeded",
  "etcdserver: too many requests",
  "etcdserver: not capable",
]);

export const LEASE_EXISTS = "etcdserver: lease already exists";

/** How a call failed: `isUnsent` says for sure that the server has not done, and will never do, what was asked. */
export interface CallFailure {
  readonly error: ServiceError;
  readonly isUnsent: boolean;
}

export function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && "details" in thrown;
}

/** True when another endpoint, or the same one later, may do better. */
export function isWorthAnotherTry({ code }: ServiceError): boolean {
  return code === status.UNAVAILABLE || code === status.CANCELLED || code === status.DEADLINE_EXCEEDED;
}

/** True when the call cannot have reached a server that took it up. */
export function isUnsent({ code, details }: ServiceError, wasConnected: boolean): boolean {
  if (REFUSED_BEFORE_DONE.has(details)) return true;
  return !wasConnected && (code === status.UNAVAILABLE || code === status.CANCELLED);
}

/** `attempt` says what was tried; `mayHaveHappened`: a write whose answer was lost. */
export function toStoreError(
  attempt: string,
  error: ServiceError,
  { mayHaveHappened }: { readonly mayHaveHappened: boolean },
): StoreError {
  const message = `${attempt}: ${error.details}`;
  return new StoreError(codeOf(error, mayHaveHappened), message, { cause: error });
}

function codeOf({ code, details }: ServiceError, mayHaveHappened: boolean): StoreErrorCode {
  const known = CODE_OF_DETAILS.get(details);
  if (known) return known;
  // The library's and the server's own limits on messages, which have no text of etcd's.
  if (code === status.RESOURCE_EXHAUSTED && details.includes("larger than max")) return "TooLarge";
  if (code === status.INVALID_ARGUMENT) return "Invalid";
  return mayHaveHappened ? "Undecided" : "Unavailable";
}
