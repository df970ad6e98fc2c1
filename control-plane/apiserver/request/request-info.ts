// Reads what a request is about from its method and path. The path grammar of the API is fixed, so this is one parser and
// not a router: everything after it works on the result.

import { ApiError } from "@atoll/machinery/object/api-error";

export type RequestVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  /** Anything that is no resource: the lower-case method. */
  | "post"
  | "put"
  | "head"
  | "options";

export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly verb: RequestVerb;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly group: string;
  readonly version: string;
  /** "" for cluster-scoped objects and for all namespaces. */
  readonly namespace: string;
  readonly resource: string;
  /** "" for collections. */
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, without the first slash: the path of a proxy request. */
  readonly rest: string;
}

/** A URL longer than this is refused; upstream's Go server stops at 1 MiB of headers, browsers far below. */
export const TARGET_LENGTH_MAX = 65_536;

const NO_QUERY: URLSearchParams = new URLSearchParams();

/** Subresources of a namespace itself; any other word there is a resource inside the namespace. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "finalize"]);

export function parseRequestInfo(method: string, target: string): RequestInfo {
  if (target.length > TARGET_LENGTH_MAX) {
    throw new ApiError("BadRequest", "the request's URL is too long", { code: 414 });
  }
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(target.slice(mark + 1));
  const segments = rawPath.split("/");
  // A path starts with a slash, so the first segment is empty; a trailing slash leaves an empty last one.
  segments.shift();
  if (segments.length > 1 && segments.at(-1) === "") segments.pop();
  const parts = rawPath.includes("%") ? segments.map(decodeSegment) : segments;

  const isCore = parts[0] === "api";
  const prefixLength = isCore ? 2 : 3;
  if ((!isCore && parts[0] !== "apis") || parts.length <= prefixLength) return nonResource(method, rawPath, query);
  const group = isCore ? "" : (parts[1] ?? "");
  const version = parts[prefixLength - 1] ?? "";
  let rest = parts.slice(prefixLength);
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? "")) {
    namespace = rest[1] ?? "";
    rest = rest.slice(2);
  }
  const [resource = "", name = "", subresource = ""] = rest;
  // An empty name would read as the collection: "/pods//status" must not become a list.
  if (rest.length > 1 && name === "")
    throw new ApiError("NotFound", "the server could not find the requested resource");
  if (namespace === "" && resource === "namespaces" && name !== "") namespace = name;
  return {
    isResourceRequest: true,
    verb: resourceVerb(method, name, query),
    path: rawPath,
    query,
    group,
    version,
    namespace,
    resource,
    name,
    subresource,
    rest: rest.slice(3).join("/"),
  };
}

function resourceVerb(method: string, name: string, query: URLSearchParams): RequestVerb {
  switch (method) {
    case "GET":
    case "HEAD":
      if (isTrue(query.get("watch"))) return "watch";
      return name === "" ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    case "OPTIONS":
      return "options";
    default:
      throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  }
}

function nonResource(method: string, path: string, query: URLSearchParams): RequestInfo {
  const verb = method.toLowerCase();
  if (!isNonResourceVerb(verb)) {
    throw new ApiError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  }
  return {
    isResourceRequest: false,
    verb,
    path,
    query,
    group: "",
    version: "",
    namespace: "",
    resource: "",
    name: "",
    subresource: "",
    rest: "",
  };
}

function isNonResourceVerb(verb: string): verb is "get" | "head" | "post" | "put" | "patch" | "delete" | "options" {
  return ["get", "head", "post", "put", "patch", "delete", "options"].includes(verb);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new ApiError("BadRequest", `invalid URL escape in ${JSON.stringify(segment)}`, { cause });
  }
}

const STREAMING_SUBRESOURCES: ReadonlySet<string> = new Set(["log", "exec", "attach", "portforward", "proxy"]);

/** Subresources that last as long as their client likes. */
export function isLongRunning({ subresource }: Pick<RequestInfo, "subresource">): boolean {
  return subresource !== "" && STREAMING_SUBRESOURCES.has(subresource);
}

/** A boolean of the query as upstream reads it: present and neither "false" nor "0" is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0";
}
