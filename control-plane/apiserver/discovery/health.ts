// /livez, /readyz and /healthz: whether the parts the server cannot do without are there, one line each with ?verbose.

import type { Logger } from "@atoll/base/log";
import { type ApiResponse, textResponse } from "../request/request.ts";

export interface HealthCheck {
  readonly name: string;
  /** True: a failure means that the server should get no requests now, not that it should be started again. */
  readonly isReadinessOnly?: boolean;
  /** Undefined: all is well; else why not. */
  readonly failure: () => Promise<string | undefined> | string | undefined;
}

/** `path` is "/livez", "/readyz" or one check of them, "/readyz/store". Why a check fails is for the log, not for anybody. */
export async function respondHealth(
  path: string,
  query: URLSearchParams,
  { checks, log }: { readonly checks: readonly HealthCheck[]; readonly log: Logger },
): Promise<ApiResponse> {
  const [, endpoint = "", only] = path.split("/");
  const known = checks.filter(({ isReadinessOnly }) => endpoint === "readyz" || isReadinessOnly !== true);
  if (only !== undefined)
    return respondOne(
      known.find(({ name }) => name === only),
      { endpoint, log },
    );
  const unknown = new Set(query.getAll("exclude"));
  const excluded = new Set(known.filter(({ name }) => unknown.delete(name)).map(({ name }) => name));
  const failures: string[] = [];
  const results = await Promise.all(
    known.map(async (check) => {
      if (excluded.has(check.name)) return `[+]${check.name} excluded: ok`;
      if ((await failureOf(check, log)) === undefined) return `[+]${check.name} ok`;
      failures.push(check.name);
      return `[-]${check.name} failed: reason withheld`;
    }),
  );
  const names = [...unknown].map((name) => JSON.stringify(name)).join(", ");
  const warning = `warn: some health checks cannot be excluded: no matches for ${names}`;
  const lines = unknown.size > 0 ? [...results, warning] : results;
  if (failures.length > 0) return textResponse(500, `${lines.join("\n")}\n${endpoint} check failed\n`);
  return textResponse(200, query.has("verbose") ? `${lines.join("\n")}\n${endpoint} check passed\n` : "ok");
}

async function respondOne(
  check: HealthCheck | undefined,
  { endpoint, log }: { readonly endpoint: string; readonly log: Logger },
): Promise<ApiResponse> {
  if (!check) return textResponse(404, "404 page not found\n");
  const failure = await failureOf(check, log);
  if (failure === undefined) return textResponse(200, "ok");
  return textResponse(500, `internal server error: ${endpoint}/${check.name} failed: reason withheld\n`);
}

async function failureOf({ name, failure }: HealthCheck, log: Logger): Promise<string | undefined> {
  const why = await failure();
  if (why !== undefined) log.info("A health check failed", { check: name, why });
  return why;
}
