// Paths with every method: such that nearly lead somewhere, climb, repeat, are escaped twice or never, or are very long.

import { kinds } from "@atoll/api/kinds";
import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below, longText, oddText, skewed } from "../odd-values.ts";
import { type InputContext, NAMESPACE, statelessTarget } from "../target.ts";

const METHODS = [
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "TRACE",
  "PROPFIND",
  "SEARCH",
  "PURGE",
  "M-SEARCH",
];
/** Longer ones are refused while they are read. */
const SEGMENTS_MAX = 20_000;

/** A deletion with a body has its options there, and none in the query: it took the run's own rights away. */
const DRY_DELETION = '{"dryRun":["All"]}';

const OTHER_PATHS = [
  ...[
    "/",
    "",
    "/api",
    "/apis",
    "/api/v1",
    "/apis/apps",
    "/version",
    "/version/",
    "/healthz",
    "/livez",
    "/readyz",
    "/metrics",
  ],
  ...["/readyz/ping", "/livez/x", "/readyz?verbose", "/readyz?exclude=x", "/healthz/", "/openapi/v2", "/openapi/v3"],
  ...[
    "/openapi/v3/api/v1",
    "/openapi/v3/x",
    "/openid/v1/jwks",
    "/.well-known/openid-configuration",
    "/logs",
    "/debug/pprof",
  ],
  ...[
    "/debug/api_priority_and_fairness/dump_queues",
    "/flagz",
    "/statusz",
    "/configz",
    "/swagger.json",
    "/favicon.ico",
  ],
];
const SUBRESOURCES = [
  ...["status", "scale", "log", "exec", "attach", "portforward", "proxy", "proxy/a/b", "binding", "eviction", "token"],
  ...["finalize", "approval", "ephemeralcontainers", "resize", "x", "", "status/status", "__proto__"],
];
/** Whoever asks for these gets a stream or gives up what the run needs. */
const NAMES = ["s1", "default", "steady", "x", "kube-system", "system:masters", "a.b", "A", "-"];

export const paths = statelessTarget(
  "paths",
  "every method on paths that nearly lead somewhere",
  async ({ random, call }: InputContext) => {
    const method = chance(random, 0.55) ? "GET" : pick(random, METHODS);
    const query = new URLSearchParams();
    // What is found is left as it is.
    if (method !== "GET") query.set("dryRun", "All");
    if (chance(random, 0.1))
      query.set(pick(random, ["watch", "pretty", "timeout", "container", "follow", "command"]), "1");
    if (chance(random, 0.05)) query.set("timeout", pick(random, ["1s", "0", "-1s", "x", "1e9s", "99999h", "5m", "1"]));
    const path = spoilt(random, madeUp(random));
    const hasBody = chance(random, 0.3) && method !== "GET" && method !== "HEAD";
    const body = hasBody ? (method === "DELETE" ? DRY_DELETION : "{}") : undefined;
    // A path may have been spoilt with the sign of a query: what comes after it must count all the same.
    const sign = path.includes("?") ? "&" : "?";
    await call({
      ...{ method, target: query.size === 0 ? path : `${path}${sign}${query}`, body },
      headers: body === undefined ? {} : { "content-type": "application/json" },
    });
  },
);

function madeUp(random: Random): string {
  if (chance(random, 0.15)) return pick(random, OTHER_PATHS);
  const { resource } = pick(random, kinds);
  const group = chance(random, 0.93) ? resource.group : oddText(random);
  const version = chance(random, 0.93)
    ? resource.version
    : pick(random, ["v1", "v2", "v1beta1", "", "V1", "v1 ", "__proto__"]);
  const plural = chance(random, 0.93) ? resource.plural : oddText(random);
  const root = group === "" ? ["api", version] : ["apis", group, version];
  const isNamespaced = chance(random, 0.9) ? resource.scope === "Namespaced" : chance(random, 0.5);
  const namespace = isNamespaced ? ["namespaces", chance(random, 0.85) ? NAMESPACE : oddText(random)] : [];
  const name = chance(random, 0.7) ? [chance(random, 0.6) ? pick(random, NAMES) : oddText(random)] : [];
  const subresource = name.length > 0 && chance(random, 0.35) ? [pick(random, SUBRESOURCES)] : [];
  const prefix = chance(random, 0.03) ? [pick(random, ["watch", "proxy", "api", "..", "."])] : [];
  return `/${[...root, ...prefix, ...namespace, plural, ...name, ...subresource].map(escaped).join("/")}`;
}

/** So that the line of the request stays one line. */
function escaped(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replaceAll("%2F", "/");
}

function spoilt(random: Random, path: string): string {
  if (chance(random, 0.6)) return path === "" ? "/" : path;
  const at = below(random, path.length + 1);
  const insert = (text: string) => path.slice(0, at) + text + path.slice(at);
  return pick(random, [
    () =>
      insert(
        pick(random, [
          "/",
          "//",
          "/./",
          "/../",
          "/..",
          "%2f",
          "%2F..%2f",
          "%00",
          "%",
          "%zz",
          "%c0%af",
          "%e2%80%ae",
          ";a=b",
        ]),
      ),
    () => path.slice(0, at),
    () => path.slice(1),
    () => encodeURIComponent(path),
    () => path.toUpperCase(),
    () => `${path}/`,
    () => `${path}//`,
    () => `https://example.com${path}`,
    () => `//example.com${path}`,
    () => "*",
    () => `${path}/${escaped(longText(random, 60_000))}`.slice(0, 70_000),
    () => path + "/a".repeat(skewed(random, SEGMENTS_MAX)),
    () => path + "/..".repeat(skewed(random, SEGMENTS_MAX)),
    () => path + "%41".repeat(skewed(random, SEGMENTS_MAX)),
    () => `${path}?${"a=b&".repeat(skewed(random, 15_000))}`,
    () => `${path}?${"=&?".repeat(skewed(random, 15_000))}`,
    () =>
      Buffer.from(random.bytes(1 + below(random, 60)))
        .toString("latin1")
        .replaceAll(/[^!-~]/g, "/"),
  ])();
}
