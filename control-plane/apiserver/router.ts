// The end of the chain: who answers what. Paths that are no resource go to health, discovery and the published documents;
// resources go to reviews, subresources and the registry.

import { whenThere } from "@atoll/base/eventual";
import type { Logger } from "@atoll/base/log";
import { ownValue } from "@atoll/base/own-value";
import type { Tracer } from "@atoll/base/tracing";
import { METRICS_TYPE, type MetricsRegistry } from "@atoll/base/metrics";
import { apiVersionOf } from "@atoll/api/resource";
import { ApiError } from "@atoll/machinery/object/api-error";
import { respondRemote } from "./aggregation/forward-to-remote.ts";
import type { LocalApiServices } from "./aggregation/local-api-services.ts";
import type { RemoteApi, RemoteApiServices } from "./aggregation/remote-api-services.ts";
import { remoteEntries } from "./aggregation/remote-entries.ts";
import type { CustomResources } from "./custom-resources/custom-resources.ts";
import { respondCustomScale } from "./custom-resources/custom-scale.ts";
import { Discovery } from "./discovery/discovery.ts";
import { type HealthCheck, respondHealth } from "./discovery/health.ts";
import { PublishedOpenApi } from "./discovery/published-openapi.ts";
import { VERSION } from "./discovery/version.ts";
import { OpenApiDocuments } from "./openapi/openapi-documents.ts";
import type { ServiceAccountTokens } from "./authentication/service-account-tokens.ts";
import type { RegistryEnvironment } from "./registry/environment.ts";
import { respondResource } from "./registry/registry.ts";
import type { ResourceStore } from "./registry/resource-store.ts";
import type { Answer, RequestContext } from "./request/context.ts";
import type { RequestInfo } from "./request/request-info.ts";
import { type ApiResponse, bytesResponse, jsonResponse, textResponse } from "./request/request.ts";
import type { Subresource } from "./subresources/subresource.ts";
import { respondStatus } from "./subresources/status.ts";
import {
  describeUnstored,
  findUnstored,
  respondUnstored,
  type UnstoredResource,
} from "./unstored/unstored-resource.ts";

export interface RouterOptions {
  readonly environment: RegistryEnvironment;
  readonly custom: CustomResources;
  readonly subresources: readonly Subresource[];
  /** What is served beside the kinds of the table. */
  readonly unstored: readonly UnstoredResource[];
  readonly tokens: ServiceAccountTokens;
  readonly checks: readonly HealthCheck[];
  /** Group versions that others serve. */
  readonly remote: RemoteApiServices;
  /** Told when kinds may have come or gone. */
  readonly localApis: LocalApiServices;
  readonly serverAddress: string;
  readonly metrics: MetricsRegistry;
  readonly tracer: Tracer;
  readonly log: Logger;
}

/** What follows from the kinds, and is made again when they change. */
interface Documents {
  readonly generation: number;
  readonly remoteGeneration: number;
  readonly discovery: Discovery;
  readonly written: OpenApiDocuments;
  readonly openApi: PublishedOpenApi;
}

export class Router {
  readonly #options: RouterOptions;
  #documents: Documents;
  readonly #subresources: ReadonlyMap<string, Subresource>;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#documents = this.#makeDocuments(undefined);
    this.#subresources = new Map(
      options.subresources.map((subresource) => [
        `${subresource.group}/${subresource.plural}/${subresource.name}`,
        subresource,
      ]),
    );
  }

  /** Whether there is such a resource, with such a subresource. */
  serves(info: RequestInfo): boolean {
    const { group, version, resource, subresource } = info;
    const { remote, unstored } = this.#options;
    const api = remote.find(group, version);
    if (api) return remote.resourcesOf(api).some(({ name }) => name === resource);
    const store = this.#findStore(info);
    if (store) return subresource === "" || store.kind.subresources.some(({ name }) => name === subresource);
    return subresource === "" && findUnstored(unstored, info) !== undefined;
  }

  respond(context: RequestContext): Answer {
    return context.info.isResourceRequest ? this.#respondResource(context) : this.#respondPath(context);
  }

  #respondResource(context: RequestContext): Answer {
    const { info } = context;
    const { custom, remote } = this.#options;
    const api = remote.find(info.group, info.version);
    if (api) return this.#respondRemote(context, api);
    return whenThere<void, ApiResponse>(custom.refresh(), () => {
      this.#options.localApis.reconcile();
      const store = this.#findStore(info);
      return store ? this.#respondStored(context, store) : this.#respondNotStored(context);
    });
  }

  #respondRemote(context: RequestContext, api: RemoteApi): Promise<ApiResponse> {
    const { tracer, environment } = this.#options;
    return respondRemote(context, api, { tracer, clock: environment.clock });
  }

  #findStore({ group, version, resource }: RequestInfo): ResourceStore | undefined {
    return this.#options.environment.resources.find(group, version, resource);
  }

  async #respondNotStored(context: RequestContext): Promise<ApiResponse> {
    // It may be so new that the cache has not seen it.
    await this.#options.custom.refreshNewest();
    const store = this.#findStore(context.info);
    if (store) return this.#respondStored(context, store);
    return (await respondUnstored(this.#options.unstored, context)) ?? this.#respondUnknown(context.info);
  }

  /** In Kubernetes' own groups each path is the API's; in others, what is not there is nobody's, as any path of a web server. */
  #respondUnknown({ group }: RequestInfo): ApiResponse {
    const isOwn = this.#options.environment.resources
      .kinds()
      .some((kind) => kind.resource.group === group && kind.decode === undefined);
    if (isOwn) throw unknownResource();
    return textResponse(404, NOT_FOUND_TEXT);
  }

  #respondStored(context: RequestContext, store: ResourceStore): Answer {
    const { info } = context;
    const { environment, custom } = this.#options;
    const { kind } = store;
    const isCluster = kind.resource.scope === "Cluster";
    // "/namespaces/x/nodes" is no place, and one object of many namespaces has no path.
    if (isCluster && info.namespace !== "" && info.resource !== "namespaces") throw unknownResource();
    if (!isCluster && info.namespace === "" && info.name !== "") throw unknownResource();
    const target = {
      kind,
      namespace: isCluster ? "" : info.namespace,
      name: info.name,
      subresource: info.subresource,
    };
    const version = custom.versionOf(store);
    if (version?.deprecation !== undefined) context.warnings.push(version.deprecation);
    const call = {
      environment: version ? { ...environment, model: version.model } : environment,
      context,
      store,
      target,
    };
    if (info.subresource === "") return respondResource(call);
    const subresource = this.#subresources.get(`${info.group}/${info.resource}/${info.subresource}`);
    if (subresource) return subresource.respond(call);
    const isPart =
      info.subresource === "status" ? kind.hasStatus : ownValue(kind.partialUpdates, info.subresource) !== undefined;
    if (isPart) return respondStatus(call);
    if (info.subresource === "scale" && version?.scale) return respondCustomScale(call, version.scale);
    throw unknownResource();
  }

  async #respondPath(context: RequestContext): Promise<ApiResponse> {
    const { info, request } = context;
    const { path, query, verb } = info;
    const api = this.#remoteOf(path);
    if (api) return this.#respondRemote(context, api);
    if (verb !== "get" && verb !== "head") return textResponse(404, NOT_FOUND_TEXT);
    if (/^\/(livez|readyz|healthz)(\/|$)/.test(path)) return respondHealth(path, query, this.#options);
    const { tokens } = this.#options;
    switch (path) {
      case "/metrics": {
        const body = Buffer.from(await this.#options.metrics.render());
        return bytesResponse(200, body, METRICS_TYPE);
      }
      case "/":
        return jsonResponse(200, { paths: this.#paths() });
      case "/version":
      case "/version/":
        return jsonResponse(200, VERSION);
      case "/openid/v1/jwks":
      case "/openid/v1/jwks/": {
        const keys = Buffer.from(JSON.stringify(await tokens.publicKeySet()));
        return bytesResponse(200, keys, "application/jwk-set+json");
      }
      case "/.well-known/openid-configuration":
      case "/.well-known/openid-configuration/":
        return jsonResponse(200, {
          issuer: tokens.issuer,
          jwks_uri: `${tokens.issuer}/openid/v1/jwks`,
          response_types_supported: ["id_token"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
        });
    }
    await this.#options.custom.refreshNewest();
    this.#options.localApis.reconcile();
    const { discovery, openApi } = this.#currentDocuments();
    const answer = discovery.respond(path, request.headers) ?? (await openApi.respond(info, request.headers));
    return answer ?? textResponse(404, NOT_FOUND_TEXT);
  }

  /** Whose documents a path names: "/apis/G/V", "/openapi/v3/apis/G/V". */
  #remoteOf(path: string): RemoteApi | undefined {
    const [, group, version] = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
    return group === undefined || version === undefined ? undefined : this.#options.remote.find(group, version);
  }

  #currentDocuments(): Documents {
    const { environment, remote } = this.#options;
    const isCurrent =
      this.#documents.generation === environment.resources.generation &&
      this.#documents.remoteGeneration === remote.generation;
    if (!isCurrent) {
      this.#documents = this.#makeDocuments(this.#documents);
    }
    return this.#documents;
  }

  #makeDocuments(old: Documents | undefined): Documents {
    const { environment, custom, remote, serverAddress, unstored } = this.#options;
    const kinds = environment.resources.kinds();
    const { model } = environment;
    const written = new OpenApiDocuments(custom.model, [...kinds, ...unstored.map(describeUnstored)], {
      remote: remote.all().flatMap((api) => (api.isAvailable ? [`apis/${api.group}/${api.version}`] : [])),
      previous: old?.written,
    });
    return {
      generation: environment.resources.generation,
      remoteGeneration: remote.generation,
      discovery: new Discovery({
        kinds,
        virtual: unstored,
        remote: remoteEntries(remote),
        serverAddress,
        model,
      }),
      written,
      openApi: new PublishedOpenApi(written),
    };
  }

  #paths(): string[] {
    const versions = this.#options.environment.resources
      .kinds()
      .map(({ resource }) => `${resource.group === "" ? "/api" : "/apis"}/${apiVersionOf(resource)}`);
    const fixed = [
      "/api",
      "/apis",
      "/healthz",
      "/livez",
      "/metrics",
      "/openapi/v2",
      "/openapi/v3",
      "/readyz",
      "/version",
    ];
    return [...new Set([...fixed, ...versions])].sort();
  }
}

const NOT_FOUND_TEXT = "404 page not found\n";

function unknownResource(): ApiError {
  return new ApiError("NotFound", "the server could not find the requested resource", { details: {} });
}
