// log, exec, attach and portforward of pods: authorized here, carried out by the spherelet of the host
// the pod is on. Upgraded connections are joined byte by byte, so that WebSocket and SPDY are the same to this server.

import type { Pod } from "@atoll/api/core/pod/kind";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import { connectAdmission } from "../registry/admission-request.ts";
import { methodNotAllowed, type ResourceCall } from "../registry/registry.ts";
import { type ApiResponse, EMPTY_BODY } from "../request/request.ts";
import { isTrue } from "../request/request-info.ts";
import type { Subresource } from "../subresources/subresource.ts";
import type { NodeClient } from "./node-client.ts";
import { findNodeEndpoint } from "./node-endpoint.ts";

export function podStreams(nodeClient: NodeClient): readonly Subresource[] {
  const pods = (name: string, respond: Subresource["respond"]): Subresource => ({
    group: "",
    plural: "pods",
    name,
    respond,
  });
  return [
    pods("log", (call) => respondLog(call, nodeClient)),
    pods("exec", (call) => openTunnel(call, "exec", nodeClient)),
    pods("attach", (call) => openTunnel(call, "attach", nodeClient)),
    pods("portforward", (call) => openTunnel(call, "portForward", nodeClient)),
  ];
}

const LOG_PARAMETERS = [
  "follow",
  "previous",
  "sinceSeconds",
  "sinceTime",
  "timestamps",
  "tailLines",
  "limitBytes",
  "stream",
] as const;

async function respondLog(call: ResourceCall, nodeClient: NodeClient): Promise<ApiResponse> {
  const { context, environment } = call;
  if (context.info.verb !== "get") throw methodNotAllowed();
  const { query } = context.info;
  checkLogParameters(query);
  const pod = await findPod(call);
  const container = chooseContainer(pod, query.get("container") ?? "");
  // A pod that has no host yet has said nothing yet.
  if (!pod.spec?.nodeName) return { status: 200, headers: { "content-type": "text/plain" }, body: EMPTY_BODY };
  const parameters = new URLSearchParams();
  for (const name of LOG_PARAMETERS) {
    const value = query.get(name);
    if (value !== null && value !== "") parameters.set(name, value);
  }
  const endpoint = await findNodeEndpoint(environment.resources, pod.spec.nodeName);
  const target = withQuery(`/containerLogs/${podPath(pod)}/${encodeURIComponent(container)}`, parameters);
  return nodeClient.get(endpoint, target, context.request.signal);
}

function checkLogParameters(query: URLSearchParams): void {
  const refuse = (name: string, text: string) => {
    throw new ApiError("Invalid", `PodLogOptions "" is invalid: ${name}: ${text}`);
  };
  for (const [name, minimum] of [
    ["tailLines", 0],
    ["sinceSeconds", 1],
    ["limitBytes", 1],
  ] as const) {
    const text = query.get(name);
    if (text === null || text === "") continue;
    const value = Number(text);
    if (!Number.isSafeInteger(value)) refuse(name, `Invalid value: ${JSON.stringify(text)}: must be a whole number`);
    if (value < minimum) refuse(name, `Invalid value: ${value}: must be greater than or equal to ${minimum}`);
  }
  if (query.get("sinceSeconds") && query.get("sinceTime")) {
    refuse("sinceSeconds", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
  }
}

type Operation = "exec" | "attach" | "portForward";

const OPTIONS_KINDS: Readonly<Record<Operation, string>> = {
  exec: "PodExecOptions",
  attach: "PodAttachOptions",
  portForward: "PodPortForwardOptions",
};

async function openTunnel(call: ResourceCall, operation: Operation, nodeClient: NodeClient): Promise<ApiResponse> {
  const { context, environment } = call;
  const { method, wantsUpgrade } = context.request;
  if (method !== "GET" && method !== "POST") throw methodNotAllowed();
  if (!wantsUpgrade) throw new ApiError("BadRequest", "Upgrade request required");
  const { query } = context.info;
  await admitConnection(call, operation);
  const pod = await findPod(call);
  const { nodeName } = pod.spec ?? {};
  if (!nodeName) throw new ApiError("BadRequest", `pod ${pod.metadata.name} does not have a host assigned`);
  if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") {
    throw new ApiError(
      "BadRequest",
      `cannot ${operation} a container in a completed pod; current phase is ${pod.status.phase}`,
    );
  }
  const endpoint = await findNodeEndpoint(environment.resources, nodeName);
  const target =
    operation === "portForward"
      ? withQuery(`/portForward/${podPath(pod)}`, portParameters(query))
      : withQuery(
          `/${operation}/${podPath(pod)}/${encodeURIComponent(chooseContainer(pod, query.get("container") ?? ""))}`,
          streamParameters(query),
        );
  const host = `${endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
  const tunnel = { host, target, open: () => nodeClient.connect(endpoint, context.request.signal) };
  return { status: 101, headers: {}, body: EMPTY_BODY, tunnel };
}

async function admitConnection({ context, environment, target }: ResourceCall, operation: Operation): Promise<void> {
  const { query } = context.info;
  const kind = OPTIONS_KINDS[operation];
  const flags = ["stdin", "stdout", "stderr", "tty"].filter((name) => isTrue(query.get(name)));
  const container = query.get("container");
  const command = query.getAll("command");
  const ports = query.getAll("ports").flatMap((text) => text.split(",").map(Number));
  // Options are no objects: they have no metadata, and nobody looks for it.
  const object = {
    kind,
    apiVersion: "v1",
    ...Object.fromEntries(flags.map((name) => [name, true])),
    ...(container ? { container } : {}),
    ...(command.length > 0 ? { command } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  } as unknown as KubeObject;
  const bodyKind = { group: "", version: "v1", kind, schema: `io.k8s.api.core.v1.${kind}` };
  await environment.admission.admit(connectAdmission(target, { object, bodyKind }, context));
}

/** What clients call stdin, stdout and stderr a kubelet calls input, output and error. */
function streamParameters(query: URLSearchParams): URLSearchParams {
  const parameters = new URLSearchParams();
  const wanted = { input: "stdin", output: "stdout", error: "stderr", tty: "tty" } as const;
  for (const [name, source] of Object.entries(wanted)) if (isTrue(query.get(source))) parameters.set(name, "1");
  if (!parameters.has("input") && !parameters.has("output") && !parameters.has("error")) {
    throw new ApiError("BadRequest", "you must specify at least one of stdin, stdout, stderr");
  }
  // A terminal has one output: the two streams come together.
  if (parameters.has("tty")) parameters.delete("error");
  for (const word of query.getAll("command")) parameters.append("command", word);
  return parameters;
}

function portParameters(query: URLSearchParams): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const ports of query.getAll("ports")) parameters.append("port", ports);
  return parameters;
}

async function findPod({ store, target }: ResourceCall): Promise<Pod> {
  const stored = await store.get(store.keyOf(target.namespace, target.name));
  if (!stored) throw notFound({ group: "", name: "pods" }, target.name);
  return stored.object as Pod; // the store holds Pods only
}

function chooseContainer(pod: Pod, wanted: string): string {
  const { name } = pod.metadata;
  const containers = (pod.spec?.containers ?? []).map((container) => container.name);
  const inits = (pod.spec?.initContainers ?? []).map((container) => container.name);
  if (wanted === "") {
    if (containers.length === 1 && containers[0] !== undefined) return containers[0];
    const initText = inits.length > 0 ? ` or one of the init containers: [${inits.join(" ")}]` : "";
    throw new ApiError(
      "BadRequest",
      `a container name must be specified for pod ${name}, choose one of: [${containers.join(" ")}]${initText}`,
    );
  }
  if (containers.includes(wanted) || inits.includes(wanted)) return wanted;
  throw new ApiError("BadRequest", `container ${wanted} is not valid for pod ${name}`);
}

function podPath({ metadata }: Pod): string {
  return `${encodeURIComponent(metadata.namespace ?? "")}/${encodeURIComponent(metadata.name ?? "")}`;
}

function withQuery(path: string, parameters: URLSearchParams): string {
  const text = parameters.toString();
  return text === "" ? path : `${path}?${text}`;
}
