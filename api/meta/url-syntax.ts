// URLs as Go's net/url takes them apart: what is none is told in its words.

export interface UrlParts {
  readonly scheme: string;
  /** Before the "@", as it is written. */
  readonly user: string | undefined;
  /** With the port. */
  readonly host: string;
  readonly query: string;
  readonly fragment: string;
}

export function parseUrl(text: string): UrlParts | { readonly error: string } {
  const { before: url, after: fragment = "" } = cut(text, "#");
  const refuse = (why: string) => ({ error: `parse ${JSON.stringify(url)}: ${why}` });
  if ([...url].some(isControl)) return refuse("net/url: invalid control character in URL");
  const [schemeText = ""] = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(url) ?? [];
  if (url.startsWith(":")) return refuse("missing protocol scheme");
  const scheme = schemeText.slice(0, -1).toLowerCase();
  const { before: rest, after: query = "" } = cut(url.slice(schemeText.length), "?");
  const nothing = { scheme, user: undefined, host: "", query, fragment };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return nothing;
    if (cut(rest, "/").before.includes(":")) return refuse("first path segment in URL cannot contain colon");
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const [, authority = "", path = ""] = hasAuthority ? (/^\/\/([^/]*)(.*)$/s.exec(rest) ?? []) : [undefined, "", rest];
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? undefined : authority.slice(0, at);
  const host = authority.slice(at + 1);
  const fault = hostFault(host) ?? userFault(user) ?? escapeFault(path);
  return fault === undefined ? { ...nothing, user, host } : refuse(fault);
}

function isControl(character: string): boolean {
  return character < " " || character === "\u007f";
}

function cut(text: string, separator: string): { readonly before: string; readonly after?: string } {
  const index = text.indexOf(separator);
  return index < 0 ? { before: text } : { before: text.slice(0, index), after: text.slice(index + 1) };
}

function hostFault(host: string): string | undefined {
  const colon = host.lastIndexOf(":");
  const port = host.startsWith("[") ? host.slice(host.lastIndexOf("]") + 1) : colon < 0 ? "" : host.slice(colon);
  if (host.startsWith("[") && !host.includes("]")) return "missing ']' in host";
  if (port !== "" && !/^:\d*$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const [character] = /[ "<>\\^`{|}]/.exec(host) ?? [];
  if (character !== undefined) return `invalid character ${JSON.stringify(character)} in host name`;
  // Of a host only what no name has in it may be escaped.
  const [wrong] = /%(?![89A-Fa-f][0-9A-Fa-f]|25).{0,2}/s.exec(host) ?? [];
  return wrong === undefined ? undefined : `invalid URL escape ${JSON.stringify(wrong)}`;
}

function userFault(user: string | undefined): string | undefined {
  if (user === undefined) return undefined;
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) ? escapeFault(user) : "net/url: invalid userinfo";
}

function escapeFault(text: string): string | undefined {
  const [wrong] = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text) ?? [];
  return wrong === undefined ? undefined : `invalid URL escape ${JSON.stringify(wrong)}`;
}
