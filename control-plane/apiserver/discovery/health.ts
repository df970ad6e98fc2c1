// /livez, /readyz and /healthz: whether the parts the server cannot do without are there, one line each with ?verbose.

import { type ApiResponse, textResponse } from "../request/request.ts";

export interface HealthCheck {
  readonly name: string;
  /** Undefined: all is well; else why not. */
  readonly failure: () => Promise<string | undefined> | string | undefined;
}

/** `path` is "/livez", "/readyz" or one check of them, "/readyz/store". */
export async function respondHealth(
  path: string,
  query: URLSearchParams,
  checks: readonly HealthCheck[],
): Promise<ApiResponse> {
  const [, endpoint = "", only] = path.split("/");
  const excluded = new Set(query.getAll("exclude"));
  const wanted = checks.filter(({ name }) => (only === undefined || name === only) && !excluded.has(name));
  if (only !== undefined && wanted.length === 0) return textResponse(404, "404 page not found\n");
  const results = await Promise.all(
    wanted.map(async ({ name, failure }) => {
      const why = await failure();
      return { line: why === undefined ? `[+]${name} ok` : `[-]${name} failed: ${why}`, isGood: why === undefined };
    }),
  );
  const isGood = results.every((result) => result.isGood);
  const lines = results.map(({ line }) => line).join("\n");
  if (!isGood) return textResponse(500, `${lines}\n${endpoint} check failed\n`);
  return textResponse(200, query.has("verbose") ? `${lines}\n${endpoint} check passed\n` : "ok");
}
