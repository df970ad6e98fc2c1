// The Client over any Transport: paths, queries, JSON, and the answer's Status turned into an ApiError. It keeps nothing
// between calls and retries nothing; who calls decides what is worth a second try.

import type { Status } from "@atoll/api/meta/types";
import { type KubeObject, type Resource, apiVersionOf } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { ApiError } from "../object/api-error.ts";
import { dropNulls } from "../object/drop-nulls.ts";
import {
  type CallOptions,
  type Client,
  type DeleteOptions,
  type ListOptions,
  type ObjectList,
  type ObjectName,
  type Patch,
  type PatchType,
  type WatchEvent,
  type WatchOptions,
  nameOf,
} from "./client.ts";
import {
  type ApiGroupDiscoveryList,
  DISCOVERY_PATHS,
  DISCOVERY_TYPE,
  type Discovery,
  readDiscovery,
} from "./discovery.ts";
import { parseJsonLines } from "./json-lines.ts";
import { collectionPath, objectPath, queryString } from "./resource-path.ts";
import { type Transport, type TransportResponse, readBody } from "./transport.ts";

/** The API server gives itself 60 s for a call that is no watch; a client that waits longer waits for nobody. */
export const CALL_TIMEOUT_MS = 65_000;

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

const JSON_TYPE = "application/json";
/** The JSON form comes last, for servers that know no other. */
const metadataOf = (as: string) => `${JSON_TYPE};as=${as};g=meta.k8s.io;v=v1`;
const METADATA_LIST_TYPE = metadataOf("PartialObjectMetadataList");
const METADATA_TYPE = metadataOf("PartialObjectMetadata");

export interface HttpClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Names the program in the server's audit log: "spherelet/0.1". */
  readonly userAgent: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The answer kept from last time: sent again only when it has changed. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface KeptDocument {
  readonly etag: string | undefined;
  readonly document: ApiGroupDiscoveryList;
}

export class HttpClient implements Client {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #discovered = new Map<string, KeptDocument>();
  #discovery: Discovery | undefined;

  constructor(options: HttpClientOptions) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#userAgent = options.userAgent;
  }

  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName, options: CallOptions = {}): Promise<T> {
    return this.#callForObject({
      method: "GET",
      path: objectPath(resource, name, options.subresource),
      signal: options.signal,
    });
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions & CallOptions = {},
  ): Promise<ObjectList<T>> {
    const query = queryString({
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      limit: options.limit,
      continue: options.continue,
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
    });
    const list = await this.#call<ObjectList<T>>({
      method: "GET",
      path: collectionPath(resource, options.namespace) + query,
      ...(options.metadataOnly ? { accept: METADATA_LIST_TYPE } : {}),
      signal: options.signal,
    });
    const apiVersion = apiVersionOf(resource);
    // A list of nothing may be null.
    const items = list.items ?? [];
    for (const item of items) {
      if (options.metadataOnly) asOwnKind(resource, item);
      else dropNulls(item);
      // Items of a list carry neither; readers of one object should not have to know where it came from.
      item.apiVersion ??= apiVersion;
      item.kind ??= resource.kind;
    }
    return { ...list, items };
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions & { readonly signal: AbortSignal },
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const query = queryString({
      watch: true,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      resourceVersion: options.resourceVersion,
      allowWatchBookmarks: options.allowWatchBookmarks,
      timeoutSeconds: options.timeoutSeconds,
    });
    const path = collectionPath(resource, options.namespace) + query;
    const accept = options.metadataOnly ? METADATA_TYPE : JSON_TYPE;
    // Its beginning is an answer like others; after that it may be silent.
    const body = await this.#withinTime({ method: "GET", path, accept, signal: options.signal }, async (response) => {
      if (response.status >= 300) throw await errorOf(response);
      return response.body;
    });
    try {
      for await (const line of parseJsonLines(asStream(body))) {
        // The server's own framing of a watch; a stranger's stream would have failed its status above.
        const event = line as WatchEvent<T>;
        if (event.type === "ERROR") throw statusError(event.object as unknown as Status);
        if (options.metadataOnly) asOwnKind(resource, event.object);
        else dropNulls(event.object);
        yield event;
      }
    } catch (thrown) {
      throw connectionError(thrown, options.signal);
    }
  }

  create<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: CallOptions & Partial<ObjectName> = {},
  ): Promise<T> {
    const namespace = options.namespace ?? object.metadata.namespace;
    const path =
      options.subresource === undefined
        ? collectionPath(resource, namespace)
        : objectPath(resource, { name: options.name ?? object.metadata.name ?? "", namespace }, options.subresource);
    return this.#callForObject({
      method: "POST",
      path,
      body: withType(resource, object, options),
      signal: options.signal,
    });
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T, options: CallOptions = {}): Promise<T> {
    return this.#callForObject({
      method: "PUT",
      path: objectPath(resource, nameOf(object), options.subresource),
      body: withType(resource, object, options),
      signal: options.signal,
    });
  }

  patch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: Patch,
    options: CallOptions = {},
  ): Promise<T> {
    const query = queryString({ fieldManager: patch.fieldManager, force: patch.force });
    return this.#callForObject({
      method: "PATCH",
      path: objectPath(resource, name, options.subresource) + query,
      body: patch.body,
      contentType: PATCH_CONTENT_TYPES[patch.type],
      signal: options.signal,
    });
  }

  async delete<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    options: DeleteOptions & CallOptions = {},
  ): Promise<void> {
    await this.#call({
      method: "DELETE",
      path: objectPath(resource, name, options.subresource),
      body: deleteBody(options),
      signal: options.signal,
    });
  }

  async deleteCollection(
    resource: Resource,
    options: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector"> & DeleteOptions & CallOptions = {},
  ): Promise<void> {
    const { namespace, labelSelector, fieldSelector } = options;
    await this.#call({
      method: "DELETE",
      path: collectionPath(resource, namespace) + queryString({ labelSelector, fieldSelector }),
      body: deleteBody(options),
      // The answer would be the list of what was deleted.
      accept: METADATA_LIST_TYPE,
      signal: options.signal,
    });
  }

  async discover({ signal }: Pick<CallOptions, "signal"> = {}): Promise<Discovery> {
    const answers = await Promise.all(DISCOVERY_PATHS.map((path) => this.#discoverPath(path, signal)));
    // The same documents make the same object: who compares finds out at no cost that nothing has changed.
    if (this.#discovery === undefined || answers.some(({ isNew }) => isNew)) {
      this.#discovery = readDiscovery(answers.map(({ document }) => document));
    }
    return this.#discovery;
  }

  async #discoverPath(
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly document: ApiGroupDiscoveryList; readonly isNew: boolean }> {
    const kept = this.#discovered.get(path);
    return this.#withinTime(
      { method: "GET", path, accept: DISCOVERY_TYPE, etag: kept?.etag, signal },
      async (response) => {
        if (response.status === 304 && kept) return { document: kept.document, isNew: false };
        if (response.status >= 300) throw await errorOf(response);
        const document = await readJson<ApiGroupDiscoveryList>(response);
        this.#discovered.set(path, { etag: response.headers.etag, document });
        return { document, isNew: true };
      },
    );
  }

  #call<Answer>(call: Call): Promise<Answer> {
    return this.#withinTime(call, async (response) => {
      if (response.status >= 300) throw await errorOf(response);
      return readJson<Answer>(response);
    });
  }

  async #callForObject<T extends KubeObject>(call: Call): Promise<T> {
    return dropNulls(await this.#call<T>(call));
  }

  async #withinTime<Answer>(call: Call, read: (response: TransportResponse) => Promise<Answer>): Promise<Answer> {
    const timeout = new AbortController();
    using _timer = this.#clock.setTimer(CALL_TIMEOUT_MS, () =>
      timeout.abort(new ApiError("Timeout", `No answer to ${call.method} ${call.path} within ${CALL_TIMEOUT_MS} ms`)),
    );
    const signal = call.signal ? AbortSignal.any([call.signal, timeout.signal]) : timeout.signal;
    const response = await this.#send({ ...call, signal });
    try {
      return await read(response);
    } catch (thrown) {
      throw connectionError(thrown, signal);
    }
  }

  async #send(call: Call): Promise<TransportResponse> {
    const body = call.body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(call.body));
    try {
      return await this.#transport({
        method: call.method,
        path: call.path,
        headers: {
          accept: call.accept ?? JSON_TYPE,
          "user-agent": this.#userAgent,
          ...(call.etag === undefined ? {} : { "if-none-match": call.etag }),
          ...(body ? { "content-type": call.contentType ?? JSON_TYPE } : {}),
        },
        ...(body ? { body } : {}),
        ...(call.signal ? { signal: call.signal } : {}),
      });
    } catch (thrown) {
      throw connectionError(thrown, call.signal);
    }
  }
}

/** An object without its kind (as items of lists have it) gets it; a subresource's own body (Binding, Scale) keeps its own. */
function withType(resource: Resource, object: KubeObject, options: CallOptions): KubeObject {
  if (options.subresource !== undefined && options.subresource !== "status") return object;
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

/** Metadata alone comes as a kind of its own; who asked for it knows what it is of. */
function asOwnKind(resource: Resource, object: KubeObject): void {
  if (object.kind !== "PartialObjectMetadata") return;
  object.apiVersion = apiVersionOf(resource);
  object.kind = resource.kind;
}

function deleteBody({ gracePeriodSeconds, preconditions, propagationPolicy }: DeleteOptions): object {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
  };
}

async function readJson<Answer>(response: TransportResponse): Promise<Answer> {
  return JSON.parse(new TextDecoder().decode(await readBody(response.body)));
}

async function* asStream(body: TransportResponse["body"]): AsyncGenerator<Uint8Array, void, undefined> {
  if (body instanceof Uint8Array) yield body;
  else yield* body;
}

async function errorOf(response: TransportResponse): Promise<ApiError> {
  const text = new TextDecoder().decode(await readBody(response.body));
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's page is no JSON: the text itself becomes the message.
  }
  return ApiError.fromStatus(response.status, body);
}

function statusError(status: Status): ApiError {
  return ApiError.fromStatus(status.code ?? 500, status);
}

/** An abort stays the caller's own reason; any other failure of the line is ServiceUnavailable with its cause. */
function connectionError(thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (thrown instanceof ApiError) return thrown;
  if (signal?.aborted) return signal.reason;
  return new ApiError("ServiceUnavailable", `The API server cannot be reached: ${describeError(thrown)}`, {
    cause: thrown,
  });
}
