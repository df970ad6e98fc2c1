// `GET /containerLogs/{namespace}/{pod}/{container}`: the kubelet's query on one side, the agent's ReadLog on the other.

import type { RequestInit } from "@atoll/api/guest-agent/client";

export class BadQueryError extends Error {
  override readonly name = "BadQueryError";
}

/** Throws BadQueryError for values that are none. */
export function readLogRequest(container: string, query: URLSearchParams, nowMs: number): RequestInit<"readLog"> {
  const tailLines = wholeNumber(query, "tailLines");
  const limitBytes = wholeNumber(query, "limitBytes");
  const since = sinceMs(query, nowMs);
  return {
    container,
    previous: flag(query, "previous"),
    follow: flag(query, "follow"),
    timestamps: flag(query, "timestamps"),
    ...(tailLines === undefined ? {} : { tailLines: BigInt(tailLines) }),
    ...(limitBytes === undefined ? {} : { limitBytes: BigInt(limitBytes) }),
    ...(since === undefined ? {} : { sinceUnixNs: BigInt(since) * 1_000_000n }),
  };
}

function sinceMs(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = wholeNumber(query, "sinceSeconds");
  const time = query.get("sinceTime");
  if (seconds !== undefined && time)
    throw new BadQueryError("at most one of sinceTime or sinceSeconds may be specified");
  if (seconds !== undefined) return nowMs - seconds * 1000;
  if (!time) return undefined;
  const parsed = Date.parse(time);
  if (Number.isNaN(parsed)) throw new BadQueryError(`"sinceTime" is no time: "${time}"`);
  return parsed;
}

export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1" || value === "";
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new BadQueryError(`"${name}" is no number: "${text}"`);
  return value;
}
