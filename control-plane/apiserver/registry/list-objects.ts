// LIST: which objects, as of which revision, and where the next page starts. First pages come out of the watch cache, later
// ones out of the store's history at the first page's revision, so that all pages together are one moment's list.

import { ApiError } from "@atoll/machinery/object/api-error";
import { queryInteger } from "../request/query-integer.ts";
import { StoreError } from "../../store/store.ts";
import type { ResourceStore } from "./resource-store.ts";
import { mayMatch, type Selection } from "./selection.ts";
import type { StoredObject } from "./stored-object.ts";

/** Objects read at a time from history when a selector drops most of them. */
const HISTORY_PAGE = 500;
/** More objects than any kind has; what is beyond would not be exact as a number. */
const LIMIT_MAX = 2 ** 31 - 1;

export interface ListOptions {
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
}

export interface ListResult {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  /** "" on the last page. */
  readonly continueToken: string;
  /** Unknown with a selector. */
  readonly remainingItemCount: number | undefined;
}

export function readListOptions(query: URLSearchParams): ListOptions {
  const limit = queryInteger(query, "limit") ?? 0;
  // Nothing comes of it for a list, but that it is no number is said.
  queryInteger(query, "timeoutSeconds");
  const options: ListOptions = {
    limit: Math.min(Math.max(0, limit), LIMIT_MAX),
    continueToken: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
  };
  checkListOptions(options);
  return options;
}

function checkListOptions({ continueToken, resourceVersion, resourceVersionMatch }: ListOptions): void {
  const refuse = (field: string, text: string) => {
    throw new ApiError("Invalid", `ListOptions.meta.k8s.io "" is invalid: ${field}: ${text}`);
  };
  if (resourceVersionMatch !== "") {
    if (resourceVersion === "") {
      refuse("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if (continueToken !== "") {
      refuse("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided");
    }
    if (resourceVersionMatch !== "Exact" && resourceVersionMatch !== "NotOlderThan") {
      refuse(
        "resourceVersionMatch",
        `Unsupported value: ${JSON.stringify(resourceVersionMatch)}: supported values: "Exact", "NotOlderThan", ""`,
      );
    }
    if (resourceVersionMatch === "Exact" && resourceVersion === "0") {
      refuse("resourceVersionMatch", 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (continueToken !== "" && resourceVersion !== "" && resourceVersion !== "0") {
    throw new ApiError("BadRequest", "specifying resource version is not allowed when using continue");
  }
}

export async function listObjects(
  store: ResourceStore,
  namespace: string,
  selection: Selection,
  options: ListOptions,
  signal?: AbortSignal,
): Promise<ListResult> {
  const { limit } = options;
  const range = selection.name === undefined ? store.rangeOf(namespace) : store.rangeOfName(namespace, selection.name);
  if (options.continueToken !== "") {
    const { revision, lastKey } = decodeContinue(options.continueToken, store.prefix);
    const rest = { start: afterKey(lastKey), end: range.end };
    if (revision === ANY_REVISION) {
      await store.catchUp(signal);
      return listCached(store, rest, { limit, selection });
    }
    return listHistory(store, rest, { revision, limit, selection, lastKey });
  }
  const version = parseResourceVersion(options.resourceVersion);
  const isExact =
    options.resourceVersionMatch === "Exact" || (options.resourceVersionMatch === "" && limit > 0 && version > 0);
  // Of no version, such as "00", there is nothing exact: upstream shows what is there now.
  if (isExact && version > 0) {
    await waitForVersion(store, version, signal);
    return listHistory(store, range, { revision: version, limit, selection });
  }
  if (options.resourceVersion === "" || isExact) await store.catchUp(signal);
  else if (version > 0) await waitForVersion(store, version, signal);
  return listCached(store, range, { limit, selection });
}

/** "0" and "" are 0: any version will do. */
export function parseResourceVersion(text: string): number {
  const version = text === "" ? 0 : Number(text);
  if (/^\d*$/.test(text) && Number.isSafeInteger(version)) return version;
  throw new ApiError("BadRequest", `resourceVersion: Invalid value: ${JSON.stringify(text)}: must be a whole number`);
}

/** Waits a little for a version from the future: the reader may have it from a write that the cache is about to see. */
export async function waitForVersion(store: ResourceStore, version: number, signal?: AbortSignal): Promise<void> {
  const current = await store.catchUp(signal);
  if (version <= current) return;
  throw new ApiError("Timeout", `Too large resource version: ${version}, current: ${current}`, {
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}

interface Page {
  readonly limit: number;
  readonly selection: Selection;
  /** Of the page before. */
  readonly lastKey?: string;
}

async function listCached(
  store: ResourceStore,
  range: { start: string; end: string },
  page: Page,
): Promise<ListResult> {
  const { limit, selection } = page;
  if (selection.isEverything) {
    const { items, revision, remaining } = store.rangeCached(range, limit);
    await store.settle(items);
    return finish(items, revision, remaining, remaining);
  }
  const all = store.rangeCached(range, 0);
  await store.settle(all.items);
  const items: StoredObject[] = [];
  for (const item of all.items) {
    if (!mayMatch(selection, item.key) || !selection.matches(item.object)) continue;
    // One more than asked for proves that there is another page.
    if (limit > 0 && items.length === limit) return finish(items, all.revision, 1, undefined);
    items.push(item);
  }
  return finish(items, all.revision, 0, undefined);
}

async function listHistory(
  store: ResourceStore,
  range: { start: string; end: string },
  { revision, limit, selection, lastKey }: Page & { readonly revision: number },
): Promise<ListResult> {
  const items: StoredObject[] = [];
  let { start } = range;
  for (;;) {
    const wanted = selection.isEverything ? limit : HISTORY_PAGE;
    const page = await rangeAt(store, { start, end: range.end, lastKey }, revision, wanted);
    for (const item of page.items) {
      if (!selection.isEverything && !selection.matches(item.object)) continue;
      if (limit > 0 && items.length === limit) return finish(items, revision, 1, undefined);
      items.push(item);
    }
    const last = page.items.at(-1);
    if (page.remaining === 0 || !last) return finish(items, revision, 0, undefined);
    if (selection.isEverything) return finish(items, revision, page.remaining, page.remaining);
    start = afterKey(last.key);
  }
}

async function rangeAt(
  store: ResourceStore,
  { lastKey, ...range }: { start: string; end: string; lastKey: string | undefined },
  revision: number,
  limit: number,
) {
  try {
    return await store.rangeAt(range, revision, limit);
  } catch (error) {
    if (error instanceof StoreError && error.code === "Compacted") {
      throw new ApiError(
        "Expired",
        lastKey === undefined ? `The provided resource version ${revision} is too old` : TOO_OLD,
        { cause: error, ...(lastKey === undefined ? {} : { continueToken: encodeContinue(ANY_REVISION, lastKey) }) },
      );
    }
    if (error instanceof StoreError && error.code === "FutureRevision") {
      throw new ApiError("Timeout", `Too large resource version: ${revision}`, { cause: error });
    }
    throw error;
  }
}

const TOO_OLD = [
  "The provided continue parameter is too old to display a consistent list result.",
  "You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.",
  "Continuing with the provided token results in an inconsistent list -",
  "objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
].join(" ");

/** In a token: the rest of the list as it is now, whatever its beginning was. */
const ANY_REVISION = -1;

function finish(
  items: readonly StoredObject[],
  revision: number,
  more: number,
  remainingItemCount: number | undefined,
): ListResult {
  const last = items.at(-1);
  if (more === 0 || !last) return { items, revision, continueToken: "", remainingItemCount: undefined };
  return { items, revision, continueToken: encodeContinue(revision, last.key), remainingItemCount };
}

/** The first key after this one. */
function afterKey(key: string): string {
  return `${key}\0`;
}

interface ContinueToken {
  readonly v: "meta.k8s.io/v1";
  readonly rv: number;
  readonly start: string;
}

function encodeContinue(revision: number, lastKey: string): string {
  const token: ContinueToken = { v: "meta.k8s.io/v1", rv: revision, start: lastKey };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

function decodeContinue(text: string, prefix: string): { revision: number; lastKey: string } {
  let token: Partial<ContinueToken> | null;
  try {
    token = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch (cause) {
    throw badContinue(cause);
  }
  const { rv, start } = token ?? {};
  if (
    typeof rv !== "number" ||
    !Number.isSafeInteger(rv) ||
    (rv < 1 && rv !== ANY_REVISION) ||
    typeof start !== "string"
  )
    throw badContinue();
  // A token is a client's own words: it must not lead out of the kind it lists.
  if (!start.startsWith(prefix)) throw badContinue();
  return { revision: rv, lastKey: start };
}

function badContinue(cause?: unknown): ApiError {
  return new ApiError("BadRequest", "continue key is not valid: it is not one that this server gave", { cause });
}
