// pods/proxy, services/proxy and nodes/proxy: any request, sent on to a port of a pod, to one of a Service's pods, or to a
// host. Paths, redirects and pages come back as if all of it stood under the proxy's own path.

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { Node } from "@atoll/api/core/node/kind";
import type { Pod } from "@atoll/api/core/pod/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import type { Dial } from "../outgoing/dial.ts";
import { secureConnection } from "../outgoing/secure-connection.ts";
import type { Backend, ServiceAddresses } from "../outgoing/service-addresses.ts";
import { connectAdmission } from "../registry/admission-request.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { type ApiResponse, EMPTY_BODY } from "../request/request.ts";
import type { NodeClient } from "../streaming/node-client.ts";
import { findNodeEndpoint } from "../streaming/node-endpoint.ts";
import type { Subresource } from "../subresources/subresource.ts";
import { forwardRequest, responseHeaders, responseOf, unreachable } from "./forward-request.ts";
import { rewriteHtml } from "./rewrite-html.ts";

export interface ProxyOptions {
  readonly dial: Dial;
  readonly addresses: ServiceAddresses;
  /** Undefined: no host can be reached. */
  readonly nodeClient: NodeClient | undefined;
  readonly clock: Clock;
}

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
/** A page with links; what is longer is sent as it comes. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

/** Where a request goes. */
interface Destination {
  /** "host:port", as the other side calls itself. */
  readonly host: string;
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
}

export function proxySubresources(options: ProxyOptions): readonly Subresource[] {
  const proxy = (plural: string, kind: string, find: (call: ResourceCall) => Promise<Destination> | Destination) => ({
    group: "",
    plural,
    name: "proxy",
    respond: (call: ResourceCall) => respondProxy(call, kind, find),
  });
  return [
    proxy("pods", "PodProxyOptions", (call) => findPod(call, options)),
    proxy("services", "ServiceProxyOptions", (call) => findService(call, options)),
    proxy("nodes", "NodeProxyOptions", (call) => findNode(call, options)),
  ];
}

async function respondProxy(
  call: ResourceCall,
  optionsKind: string,
  find: (call: ResourceCall) => Promise<Destination> | Destination,
): Promise<ApiResponse> {
  const { context, environment, target } = call;
  const { request } = context;
  if (!METHODS.has(request.method)) throw methodNotAllowed();
  const { prefix, path, query } = splitTarget(call);
  // Options are no objects: they have no metadata, and nobody looks for it.
  const object = { kind: optionsKind, apiVersion: "v1", path } as unknown as KubeObject;
  const bodyKind = { group: "", version: "v1", kind: optionsKind, schema: `io.k8s.api.core.v1.${optionsKind}` };
  await environment.admission.admit(connectAdmission(target, { object, bodyKind }, context));
  const destination = await find(call);
  if (request.wantsUpgrade) {
    const { open, host } = destination;
    return {
      ...{ status: 101, headers: {}, body: EMPTY_BODY },
      tunnel: { host, target: (path === "" ? "/" : path) + query, open: () => open(request.signal) },
    };
  }
  // Without a slash at the end links of the page would lead out of the proxy.
  if (path === "" && (request.method === "GET" || request.method === "HEAD")) {
    return { status: 301, headers: { location: `${prefix}/${query}` }, body: EMPTY_BODY };
  }
  const message = await forwardRequest({
    request,
    path: (path === "" ? "/" : path) + query,
    headers: {
      // Pages are read here.
      "accept-encoding": undefined,
      "x-forwarded-uri": `${prefix}${path}`,
    },
    connection: destination,
    signal: request.signal,
    clock: environment.clock,
  });
  const asked = request.headers.host ?? request.headers[":authority"] ?? "";
  return rewriteAnswer(message, { prefix, host: destination.host, asked, isHead: request.method === "HEAD" });
}

/** As sent: the other side may mean its own by an escape. */
function splitTarget({ context }: ResourceCall): { prefix: string; path: string; query: string } {
  const { target } = context.request;
  const mark = target.indexOf("?");
  const whole = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? "" : target.slice(mark);
  // "/api/v1/nodes/N/proxy" and "/api/v1/namespaces/S/pods/P/proxy".
  const depth = context.info.namespace === "" ? 6 : 8;
  const segments = whole.split("/");
  const rest = segments.slice(depth);
  return {
    prefix: segments.slice(0, depth).join("/"),
    path: rest.length === 0 ? "" : `/${rest.join("/")}`,
    query,
  };
}

interface ProxyPlace {
  readonly prefix: string;
  readonly host: string;
  /** The host that the client asked for. */
  readonly asked: string;
}

async function rewriteAnswer(
  message: IncomingMessage,
  { isHead, ...place }: ProxyPlace & { readonly isHead: boolean },
): Promise<ApiResponse> {
  const { location } = message.headers;
  if (location !== undefined) {
    const response = responseOf(message);
    return { ...response, headers: { ...response.headers, location: rewriteAddress(location, place) } };
  }
  const isPage = message.headers["content-type"]?.split(";", 1)[0]?.trim() === "text/html";
  if (!isPage || message.headers["content-encoding"] || isHead) return responseOf(message);
  const chunks: Buffer[] = [];
  let length = 0;
  const rest = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>; // a message without an encoding gives buffers
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    chunks.push(next.value);
    length += next.value.length;
    if (length > PAGE_BYTES_MAX) return { ...responseOf(message), body: joined(chunks, rest) };
  }
  const page = rewriteHtml(Buffer.concat(chunks).toString("latin1"), (address) => rewriteAddress(address, place));
  const { "content-length": _length, ...headers } = responseHeaders(message);
  return { status: message.statusCode ?? 502, headers, body: Buffer.from(page, "latin1") };
}

async function* joined(chunks: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** An address of the other side's own, absolute in its path, is one under the proxy's. */
export function rewriteAddress(address: string, { prefix, host, asked }: ProxyPlace): string {
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(.*)$/s.exec(address);
  if (!parts) return address;
  const [, scheme = "", authority, path = "", rest = ""] = parts;
  if (scheme !== "" && authority === undefined) return address;
  const isElsewhere = authority !== undefined && authority !== "" && authority !== host && authority !== asked;
  if (isElsewhere || !path.startsWith("/")) return address;
  const start = authority === asked && authority !== "" ? `${scheme === "" ? "" : `${scheme}:`}//${authority}` : "";
  return path.startsWith(prefix) ? start + path + rest : start + prefix + path + rest;
}

/** "name", "name:port" or "scheme:name:port". */
function splitName(id: string, noun: string): { scheme: string; name: string; port: string } {
  const parts = id.split(":");
  const [scheme = "", name = "", port = ""] =
    parts.length === 1 ? ["", ...parts] : parts.length === 2 ? ["", ...parts] : parts;
  if (parts.length > 3 || name === "" || !["", "http", "https"].includes(scheme)) {
    throw new ApiError("BadRequest", `invalid ${noun} request ${JSON.stringify(id)}`);
  }
  return { scheme, name, port };
}

async function findPod({ store, target }: ResourceCall, options: ProxyOptions): Promise<Destination> {
  const { scheme, name, port } = splitName(target.name, "pod");
  const stored = await store.get(store.keyOf(target.namespace, name));
  if (!stored) throw notFound({ group: "", name: "pods" }, name);
  const { spec, status } = stored.object as Pod; // the store holds Pods only
  const firstPort = spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  const host = status?.podIPs?.[0]?.ip ?? status?.podIP ?? "";
  if (!isPodAddress(host)) throw new ApiError("BadRequest", "address not allowed");
  const number = port === "" ? (firstPort ?? (scheme === "https" ? 443 : 80)) : Number(port);
  if (!isPort(number)) throw new ApiError("BadRequest", `invalid pod request ${JSON.stringify(target.name)}`);
  return destinationOf(options, scheme, { host, port: number, pod: { namespace: target.namespace, name } });
}

function findService({ target }: ResourceCall, options: ProxyOptions): Destination {
  const { addresses } = options;
  const { scheme, name, port } = splitName(target.name, "service");
  const service = addresses.service(target.namespace, name);
  if (!service) throw notFound({ group: "", name: "services" }, name);
  let portName = port;
  if (/^\d+$/.test(port)) {
    const found = service.spec?.ports?.find((candidate) => candidate.port === Number(port));
    if (!found) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    portName = found.name ?? "";
  }
  const backend = addresses.choose(addresses.backends(target.namespace, name, portName).filter(({ pod }) => pod));
  if (!backend) throw unavailable(`no endpoints available for service ${JSON.stringify(target.name)}`);
  return destinationOf(options, scheme, backend);
}

async function findNode({ environment, target }: ResourceCall, options: ProxyOptions): Promise<Destination> {
  const { nodeClient } = options;
  const { scheme, name, port } = splitName(target.name, "node");
  const nodes = environment.resources.of(Node);
  if (!(await nodes.get(nodes.keyOf("", name)))) throw notFound({ group: "", name: "nodes" }, name);
  const endpoint = await findNodeEndpoint(environment.resources, name);
  if (port !== "" && Number(port) !== endpoint.port) {
    if (!isPort(Number(port))) throw new ApiError("BadRequest", `invalid node request ${JSON.stringify(target.name)}`);
    return destinationOf(options, scheme, { host: endpoint.host, port: Number(port) });
  }
  if (!nodeClient) throw unavailable(`node ${JSON.stringify(name)} cannot be reached`);
  return { host: formatHost(endpoint), open: (signal) => nodeClient.connect(endpoint, signal) };
}

function destinationOf({ dial, clock }: ProxyOptions, scheme: string, backend: Backend): Destination {
  const open = async (signal: AbortSignal) => {
    try {
      const socket = await dial(backend, signal);
      if (scheme !== "https") return socket;
      // Who a pod is, its address says; certificates of pods are their own affair.
      return await secureConnection(socket, { rejectUnauthorized: false }, { clock, signal });
    } catch (error) {
      throw unreachable(toError(error));
    }
  };
  return { host: formatHost(backend), open };
}

function formatHost({ host, port }: Backend): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/** A pod says its own address: it must not lead to this machine, or to many. */
function isPodAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  return !/^(0\.|127\.|169\.254\.|22[4-9]\.|23\d\.|255\.|::1?$|fe[89ab][0-9a-f]:|ff)/i.test(address);
}

function unavailable(message: string): ApiError {
  return new ApiError("ServiceUnavailable", message);
}
