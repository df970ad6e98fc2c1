// URLs: url("https://example.com:80/path?k=v").getPort(). Read as Go reads what stands in a request: absolute, or a path.

import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { ArrayList, CelError, type CelValue, EntryMap, Opaque } from "../values/values.ts";

const U = "kubernetes.URL";

class Url extends Opaque {
  readonly typeName = U;
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, parts: { scheme: string; host: string; path: string; query: string }) {
    super();
    this.text = text;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }

  equals(other: Opaque): boolean {
    return other instanceof Url && other.text === this.text;
  }
}

export const URLS: readonly FunctionDeclaration[] = [
  declare("url", [
    overload(`(string) -> ${U}`, "string_to_url", (text: string): CelValue => {
      const parsed = parse(text);
      if (parsed instanceof Url) return parsed;
      return new CelError(`URL parse error during conversion from string: ${parsed}`);
    }),
  ]),
  declare("isURL", [overload("(string) -> bool", "is_url_string", (text: string) => isRequestUri(text))]),
  declare("getScheme", [overload(`${U}.() -> string`, "url_get_scheme", ({ scheme }: Url) => scheme)]),
  declare("getHost", [overload(`${U}.() -> string`, "url_get_host", ({ host }: Url) => host)]),
  declare("getHostname", [
    overload(`${U}.() -> string`, "url_get_hostname", ({ host }: Url) =>
      host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1"),
    ),
  ]),
  declare("getPort", [
    overload(`${U}.() -> string`, "url_get_port", ({ host }: Url) => /:(\d*)$/.exec(host)?.[1] ?? ""),
  ]),
  declare("getEscapedPath", [
    overload(`${U}.() -> string`, "url_get_escaped_path", ({ path }: Url) => escapePath(path)),
  ]),
  declare("getQuery", [
    overload(`${U}.() -> map(string, list(string))`, "url_get_query", ({ query }: Url) => queryOf(query)),
  ]),
];

export function isRequestUri(text: string): boolean {
  return parse(text) instanceof Url;
}

/** A string: why it is none. */
function parse(text: string): Url | string {
  const refuse = (why: string) => `parse ${JSON.stringify(text)}: ${why}`;
  if (/(?![\u0080-\u009f])\p{Cc}/u.test(text)) return refuse("net/url: invalid control character in URL");
  if (text === "") return refuse("empty url");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  if (text.startsWith(":")) return refuse("missing protocol scheme");
  const rest = scheme ? text.slice(scheme[0].length) : text;
  if (!rest.startsWith("/")) {
    const isOpaque = scheme !== null && rest !== "";
    return isOpaque
      ? new Url(text, { scheme: (scheme[1] ?? "").toLowerCase(), host: "", path: "", query: "" })
      : refuse("invalid URI for request");
  }
  const question = rest.indexOf("?");
  const beforeQuery = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? "" : rest.slice(question + 1).replace(/#.*$/s, "");
  const authority = scheme && beforeQuery.startsWith("//") ? (/^\/\/([^/]*)/.exec(beforeQuery)?.[1] ?? "") : undefined;
  const host = (authority ?? "").replace(/^.*@/, "");
  const problem = hostProblem(host) ?? escapeProblem(beforeQuery);
  if (problem !== undefined) return refuse(problem);
  const path = (authority === undefined ? beforeQuery : beforeQuery.slice(2 + authority.length)).replace(/#.*$/s, "");
  return new Url(text, { scheme: (scheme?.[1] ?? "").toLowerCase(), host, path, query });
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith("[")) {
    const end = host.lastIndexOf("]");
    if (end < 0) return "missing ']' in host";
    const port = host.slice(end + 1);
    return /^(:\d*)?$/.test(port) ? undefined : `invalid port ${JSON.stringify(port)} after host`;
  }
  const port = /:[^:]*$/.exec(host)?.[0];
  if (port !== undefined && !/^:\d*$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const strange = /[ "<>\\^`{|}]/.exec(host);
  return strange ? `invalid character ${JSON.stringify(strange[0])} in host name` : undefined;
}

function escapeProblem(text: string): string | undefined {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(text);
  return bad ? `invalid URL escape ${JSON.stringify(bad[0])}` : undefined;
}

const PLAIN_PATH = /^[A-Za-z0-9$&+,/:;=@\-_.~%!'()*[\]]*$/;

/** As it was written, where that says it without doubt. */
function escapePath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const plain = decodeEscapes(path);
  return plain.replaceAll(/[^A-Za-z0-9$&+,/:;=@\-_.~]+/gu, (part) => encodeURIComponent(part.toWellFormed()));
}

function queryOf(query: string): CelValue {
  const entries = new Map<string, string[]>();
  for (const part of query === "" ? [] : query.split("&")) {
    if (part === "" || part.includes(";") || escapeProblem(part) !== undefined) continue;
    const equals = part.indexOf("=");
    const [key, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    const name = unescapeQuery(key);
    entries.set(name, [...(entries.get(name) ?? []), unescapeQuery(value)]);
  }
  return EntryMap.of([...entries].map(([key, values]) => [key, new ArrayList(values)] as const));
}

function unescapeQuery(text: string): string {
  return decodeEscapes(text.replaceAll("+", " "));
}

/** Escapes of bytes that are no UTF-8 stay as they are. */
function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
