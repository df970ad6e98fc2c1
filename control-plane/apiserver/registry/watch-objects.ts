// WATCH: what a client may ask for, checked before its stream of lines (`watch-stream.ts`) begins.

import { ApiError } from "@atoll/machinery/object/api-error";
import { queryInteger } from "../request/query-integer.ts";
import { parseResourceVersion, waitForVersion } from "./list-objects.ts";
import { type WatchRequest, type WatchSetup, WatchStream } from "./watch-stream.ts";

export function readWatchRequest(query: URLSearchParams): WatchRequest {
  const initial = query.get("sendInitialEvents");
  const match = query.get("resourceVersionMatch") ?? "";
  if (initial !== null && match !== "NotOlderThan") {
    throw new ApiError(
      "Invalid",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
  }
  if (initial === null && match !== "") {
    throw new ApiError(
      "Invalid",
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  }
  const timeoutSeconds = queryInteger(query, "timeoutSeconds") ?? 0;
  queryInteger(query, "limit");
  return {
    resourceVersion: query.get("resourceVersion") ?? "",
    withBookmarks: query.get("allowWatchBookmarks") === "true" || query.get("allowWatchBookmarks") === "1",
    sendInitialEvents: initial === null ? undefined : initial === "true" || initial === "1",
    timeoutMs: Math.max(0, timeoutSeconds) * 1000,
  };
}

/** Checks what can be refused with a status of its own before the stream starts. */
export async function openWatch(setup: WatchSetup): Promise<AsyncIterable<Uint8Array>> {
  const version = parseResourceVersion(setup.request.resourceVersion);
  if (version > 0) await waitForVersion(setup.store, version, setup.signal);
  return new WatchStream(setup, version);
}
