// Headers of sound requests, and bytes that are no request at all: HTTP/1.1 that is cut, doubled or smuggled, frames of HTTP/2
// that lie.

import type { Random } from "@atoll/base/random";
import { chance, pick } from "../../differential/random-values.ts";
import { below, longText, oddNumberText, oddText, skewed, spoilBytes } from "../odd-values.ts";
import { type InputContext, NAMESPACE, statelessTarget } from "../target.ts";
import { spoiltFrames } from "./http2-frames.ts";

const COLLECTION = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const OBJECT = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "h" } });
const REPEATS_MAX = 3000;

const TYPES = [
  ...[
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
    "application/cbor",
    "text/html",
    "*/*",
  ],
  ...[
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=Table;v=v9;g=meta.k8s.io",
    "application/json;as=",
  ],
  ...[
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json",
    "application/json;q=0",
    "a/b;q=2,*/*;q=0.1",
  ],
  ...[
    "application/apidiscovery.k8s.io;as=APIGroupDiscoveryList",
    "application/json;pretty=1",
    "*/json",
    "application/*",
    "/",
    ";,;,",
  ],
];

/** By header, values that mean something. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  accept: TYPES,
  "content-type": TYPES,
  "accept-encoding": ["gzip", "gzip;q=0", "gzip;q=x", "*", "identity;q=0", "br, gzip", ",,,"],
  authorization: [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Bearer a.b.c",
    "Bearer a..c",
    "bearer x",
    "Basic YTpi",
    "Basic x",
    "Digest x",
    "Negotiate",
  ],
  "impersonate-user": [
    "system:admin",
    "",
    "a",
    "system:serviceaccount:a:b",
    "system:serviceaccount:",
    "system:node:x",
    "\xff",
  ],
  "impersonate-group": ["system:masters", "", "system:authenticated", "a,b"],
  "impersonate-uid": ["1", "", "x"],
  "impersonate-extra-scopes": ["a", "", "%zz"],
  "impersonate-extra-%zz": ["a"],
  "impersonate-extra-": ["a"],
  "if-match": ["*", '"1"', "x", 'W/"1"'],
  "if-none-match": ["*", '"1"', '"x", "y"'],
  "if-modified-since": ["Thu, 01 Jan 1970 00:00:00 GMT", "x"],
  traceparent: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-0", "ff-x", ""],
  tracestate: ["a=b", "=,=,", ""],
  "audit-id": ["x", "", "a\tb", "\xff\xfe"],
  upgrade: ["websocket", "SPDY/3.1", "h2c", "TLS/1.0", "x", ""],
  connection: ["upgrade", "close", "keep-alive", "Upgrade, close", "te", "x, y, z"],
  "sec-websocket-key": ["dGhlIHNhbXBsZSBub25jZQ==", "", "x"],
  "sec-websocket-protocol": [
    "v4.channel.k8s.io",
    "base64url.bearer.authorization.k8s.io.eA",
    "base64url.bearer.authorization.k8s.io.!!, v5.channel.k8s.io",
    ",",
  ],
  "sec-websocket-version": ["13", "8", "x"],
  "http2-settings": ["AAMAAABkAAQCAAAAAAIAAAAA", "x"],
  expect: ["100-continue", "200-ok", "x"],
  range: ["bytes=0-1", "bytes=9-1", "x"],
  origin: ["https://example.com", "null"],
  "access-control-request-method": ["POST"],
  host: ["", "example.com", "[::1", "a b", "x:99999", "a@b"],
  "x-remote-user": ["system:admin"],
  "x-remote-group": ["system:masters"],
  "x-forwarded-for": ["10.0.0.1", "x,,y"],
  "x-http-method-override": ["DELETE"],
  "user-agent": ["kubectl/v1.36.4", "", "\xff"],
  cookie: ["a=b; c", "__proto__=1"],
  "content-encoding": ["gzip", "x"],
  "transfer-encoding": ["chunked", "gzip, chunked", "x", "chunked, chunked", "identity"],
  "content-length": ["0", "-1", "1e3", "99999999999999999999", "x", "5, 5", "+5", " 5"],
  te: ["trailers", "x"],
  ["__proto__"]: ["x"],
  constructor: ["x"],
};
/** What these say of the request's length changes where it ends: they go on connections of their own. */
const FRAMING: ReadonlySet<string> = new Set(["transfer-encoding", "content-length", "expect", "host"]);

export const headers = statelessTarget(
  "headers",
  "headers, and bytes that are no request, over HTTP/1.1 and HTTP/2",
  async (context) => {
    const draw = context.random.float();
    if (draw < 0.7) await sendSound(context);
    else if (draw < 0.9) await context.callRaw([spoiltHttp1(context)], "http/1.1");
    else await context.callRaw([spoiltFrames(context.random)], "h2");
  },
);

async function sendSound({ random, call }: InputContext): Promise<void> {
  const names = Object.keys(VALUES).filter((name) => !FRAMING.has(name));
  // Without a prototype, for headers have the names of its fields too.
  const chosen: Record<string, string | readonly string[]> = Object.create(null);
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const name = chance(random, 0.95) ? pick(random, names) : token(oddText(random));
    const values = Array.from({ length: chance(random, 0.9) ? 1 : 1 + below(random, 5) }, () =>
      headerValue(random, name),
    );
    chosen[name] = values.length === 1 ? (values[0] ?? "") : values;
  }
  if (chance(random, 0.03)) {
    for (let count = skewed(random, 200); count > 0; count--)
      chosen[`x-many-${count}`] = longText(random, 300).replaceAll(/[^ -~]/g, "a");
  }
  const method = pick(random, ["GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
  const target = `${pick(random, [COLLECTION, `${COLLECTION}/h`, "/api", "/apis", "/api/v1", "/openapi/v2", "/openapi/v3", "/readyz", "/version", `${COLLECTION}/h/status`, "/api/v1/namespaces/fuzzed/pods/x/exec?command=a", "/api/v1/namespaces/fuzzed/pods/x/log"])}`;
  const separator = target.includes("?") ? "&" : "?";
  const body = ["POST", "PUT", "PATCH"].includes(method) ? OBJECT : undefined;
  await call({ method, target: `${target}${separator}dryRun=All`, headers: chosen, body });
}

function headerValue(random: Random, name: string): string {
  const draw = random.float();
  if (draw < 0.75) return pick(random, Object.hasOwn(VALUES, name) ? (VALUES[name] ?? []) : ["x"]);
  const odd = draw < 0.97 ? oddText(random).slice(0, 2000) : longText(random, 40_000);
  // What ends a line is sent raw, where it is known that it may end the request.
  return Buffer.from(odd)
    .toString("latin1")
    .replaceAll(/[^\t -~\u0080-\u00ff]/g, "_");
}

/** A name that is one. */
function token(text: string): string {
  return text.replaceAll(/[^a-z0-9!#$%&'*+.^_`|~-]/gi, "") || "x";
}

// ---- HTTP/1.1 ----------------------------------------------------------------------------------------------------------------

function spoiltHttp1({ random, lane }: InputContext): Buffer {
  const framing: Record<string, string> = {};
  for (const name of FRAMING) if (chance(random, 0.3)) framing[name] = headerValue(random, name);
  const body = chance(random, 0.5) ? OBJECT : undefined;
  const sound = lane.render({
    method: body === undefined ? "GET" : "POST",
    target: `${COLLECTION}?dryRun=All`,
    headers: framing,
    body,
  });
  return pick(random, [
    () => sound,
    () => spoilBytes(random, sound),
    () => sound.subarray(0, below(random, sound.length)),
    () => Buffer.concat([sound, sound, spoilBytes(random, sound)]),
    () => replaced(sound, "\r\n", pick(random, ["\n", "\r", "\r\r\n", "\n\r"])),
    () =>
      replaced(
        sound,
        "HTTP/1.1",
        pick(random, ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "HTTP/1.1 x"]),
      ),
    () => replaced(sound, "\r\n", `\r\n${oddHeaderLines(random)}`, 1),
    () => chunked(random),
    () =>
      Buffer.from(
        pick(random, [
          "",
          "\r\n",
          "\r\n\r\n",
          "GET",
          "GET /",
          "GET / HTTP/1.1\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]),
      ),
    () => Buffer.from(random.bytes(skewed(random, 3000))),
    () => Buffer.from(`CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n${longText(random, 1000)}`),
  ])();
}

function replaced(bytes: Buffer, from: string, to: string, times = Number.POSITIVE_INFINITY): Buffer {
  let left = times;
  return Buffer.from(
    bytes.toString("latin1").replaceAll(from, () => (left-- > 0 ? to : from)),
    "latin1",
  );
}

function oddHeaderLines(random: Random): string {
  return pick(random, [
    () => ` folded: ${oddText(random)}\r\n`,
    () => "no colon\r\n",
    () => ": no name\r\n",
    () => `name : ${oddText(random)}\r\n`,
    () => `x: ${oddText(random)}\r\n`,
    () => "x: y\r\n".repeat(skewed(random, REPEATS_MAX)),
    () => `x: ${"y".repeat(skewed(random, 200_000))}\r\n`,
    () => `content-length: ${oddNumberText(random)}\r\ncontent-length: ${oddNumberText(random)}\r\n`,
    () => "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
    () => "host: a\r\nhost: b\r\n",
  ])();
}

/** A body in pieces whose sizes are odd. */
function chunked(random: Random): Buffer {
  const head = `POST ${COLLECTION}?dryRun=All HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const pieces = Array.from({ length: 1 + below(random, 5) }, () => {
    const size = chance(random, 0.6)
      ? OBJECT.length.toString(16)
      : pick(random, ["0", "-1", "ffffffffffffffff", "x", "", "5;a=b", " 5", "0x5", "00000000005"]);
    return `${size}\r\n${OBJECT}\r\n`;
  });
  return Buffer.from(head + pieces.join("") + pick(random, ["0\r\n\r\n", "0\r\nx: y\r\n\r\n", "", "0\r\n"]));
}
