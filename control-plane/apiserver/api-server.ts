// The API server without its socket: requests as data in, answers as data out. `http/` puts it on the network,
// controllers in the same process call `handle`.

import { Namespace } from "@atoll/api/core/namespace/kind";
import { Service } from "@atoll/api/core/service/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { blockFamily } from "@atoll/api/meta/addresses";
import { MetricsRegistry } from "@atoll/base/metrics";
import { untraced } from "@atoll/base/tracing";
import type { TransportRequest, TransportResponse } from "@atoll/machinery/client/transport";
import type { ApiError } from "@atoll/machinery/object/api-error";
import { StoreFeed } from "../store/watch-cache/store-feed.ts";
import { deviceAccess } from "./admission/device-access.ts";
import { objectExpressions } from "./admission/expressions/object-expressions.ts";
import { SYSTEM_NAMESPACES } from "./admission/namespace-lifecycle.ts";
import { ensurePriorityClasses } from "./admission/pod-priority.ts";
import { builtInAdmission } from "./admission/steps.ts";
import { ensureAuthenticationConfig } from "./aggregation/authentication-config.ts";
import { Availability } from "./aggregation/availability.ts";
import { LocalApiServices } from "./aggregation/local-api-services.ts";
import { RemoteApiServices } from "./aggregation/remote-api-services.ts";
import { NodePorts } from "./allocation/node-ports.ts";
import { ServiceReserver } from "./allocation/service-reserver.ts";
import type { ApiServerOptions } from "./api-server-options.ts";
import { ANONYMOUS } from "./authentication/authenticator.ts";
import { makeAuthentication } from "./authentication/authenticators.ts";
import { firstDecision } from "./authorization/authorizer.ts";
import { reconcileBuiltInRoles } from "./authorization/bootstrap/reconcile.ts";
import { mastersAuthorizer } from "./authorization/masters.ts";
import { NodeAuthorizer } from "./authorization/nodes/node-authorizer.ts";
import { NodeGraph } from "./authorization/nodes/node-graph.ts";
import { RoleAuthorizer } from "./authorization/roles/role-authorizer.ts";
import { RoleIndex } from "./authorization/roles/role-index.ts";
import { handlerChain } from "./chain.ts";
import { CustomResources } from "./custom-resources/custom-resources.ts";
import { healthChecks, storeHealth } from "./discovery/health-checks.ts";
import { reconcileFlowObjects } from "./flow-control/bootstrap-objects.ts";
import { FlowController } from "./flow-control/flow-controller.ts";
import { FlowObjectsKeeper } from "./flow-control/flow-objects-keeper.ts";
import { errorResponse } from "./handlers/panic-guard.ts";
import type { KeyPairPem } from "./key-pair.ts";
import { AccessMetrics } from "./metrics/access-metrics.ts";
import { AdmissionMetrics } from "./metrics/admission-metrics.ts";
import { registerProcessMetrics } from "./metrics/process-metrics.ts";
import { RequestMetrics } from "./metrics/request-metrics.ts";
import { registerServerMetrics } from "./metrics/server-metrics.ts";
import { StoreMetrics } from "./metrics/store-metrics.ts";
import { WatchMetrics } from "./metrics/watch-metrics.ts";
import { directDial } from "./outgoing/dial.ts";
import { hostDial } from "./outgoing/host-dial.ts";
import { HttpsCaller } from "./outgoing/https-caller.ts";
import { ServiceAddresses } from "./outgoing/service-addresses.ts";
import { readErrorEncoding } from "./output/output-form.ts";
import { yamlAnswer } from "./output/yaml-answer.ts";
import { OwnObjects } from "./own-objects/own-objects.ts";
import { ServingPeers } from "./own-objects/serving-peers.ts";
import { proxySubresources } from "./proxying/proxy-subresources.ts";
import { objectEnsurer, statusApplier } from "./registry/ensure-object.ts";
import type { RegistryEnvironment } from "./registry/environment.ts";
import { valueReader } from "./registry/foreign-values.ts";
import { resealValues } from "./registry/reseal-values.ts";
import type { Reserver } from "./registry/reservation.ts";
import { ResourceStore } from "./registry/resource-store.ts";
import { ResourceTable } from "./registry/resource-table.ts";
import { AuditAnnotations } from "./request/audit-annotations.ts";
import { type Answer, composeHandlers, type RequestContext } from "./request/context.ts";
import { memoryBody } from "./request/memory-body.ts";
import { parseRequestInfo } from "./request/request-info.ts";
import type { ApiRequest, User } from "./request/request.ts";
import { reviews } from "./reviews/reviews.ts";
import { Router } from "./router.ts";
import { podStreams } from "./streaming/pod-streams.ts";
import { namespaceFinalize } from "./subresources/namespace-finalize.ts";
import { podBinding } from "./subresources/pod-binding.ts";
import { podEviction } from "./subresources/pod-eviction.ts";
import { scaleSubresources } from "./subresources/scale.ts";
import { serviceAccountToken } from "./subresources/service-account-token.ts";
import { bindings } from "./unstored/bindings.ts";
import { componentStatuses } from "./unstored/component-statuses.ts";

/** What the Supervisor's own parts are when they call in the same process. */
export const SUPERVISOR_USER: User = { name: "system:supervisor", groups: ["system:masters", "system:authenticated"] };

/** A store that does not answer must not hold up the end. */
const LEAVE_MS = 5000;

export class ApiServer implements AsyncDisposable {
  readonly #options: ApiServerOptions;
  readonly #environment: RegistryEnvironment;
  readonly #feed: StoreFeed;
  readonly #custom: CustomResources;
  readonly #caller: HttpsCaller;
  readonly #remote: RemoteApiServices;
  readonly #availability: Availability;
  readonly #localApis: LocalApiServices;
  readonly #serviceReserver: ServiceReserver;
  readonly #ownObjects: OwnObjects;
  readonly #flows: FlowController;
  readonly #flowObjects: FlowObjectsKeeper;
  readonly #respond: (context: RequestContext) => Answer;
  readonly #stopped = new AbortController();
  #isEnding = false;
  readonly #running: Promise<unknown>[] = [];

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const { store, kinds, model, encryption, clock, random, log, tokens, nodeClient, tracer } = options;
    this.#feed = new StoreFeed({ store, clock, log });
    const metrics = options.metrics ?? new MetricsRegistry();
    const shared = { store, feed: this.#feed, metrics: new StoreMetrics(metrics), encryption, clock, log };
    const readValue = valueReader(kinds, model);
    const resources = new ResourceTable(kinds.map((kind) => new ResourceStore({ ...shared, readValue, kind })));
    const roles = new RoleAuthorizer(new RoleIndex(resources));
    const authorizer = firstDecision([
      ...(options.authorizers ?? []),
      mastersAuthorizer,
      new NodeAuthorizer(new NodeGraph(resources)),
      roles,
    ]);
    const addresses = new ServiceAddresses(resources, random);
    const direct = options.dial ?? directDial(clock);
    const dial = nodeClient ? hostDial(resources, nodeClient, { direct, clock }) : direct;
    this.#caller = new HttpsCaller({ dial, addresses, clock, tracer });
    const post = options.post ?? this.#caller.post;
    this.#custom = new CustomResources({ ...shared, resources, model, calls: { post, random } });
    const counting = { metrics: new AdmissionMetrics(metrics), clock };
    const webhooks = { resources, model, post, random, log, authorizer, ...counting, convert: this.#custom.convert };
    const admission = builtInAdmission({
      ...{ resources, random, authorizer, roles, webhooks, tracer, ...counting },
      model: () => this.#custom.model,
    });
    const reservers = new Map<KindDefinition, Reserver>();
    const expressions = objectExpressions(resources);
    const fieldRights = deviceAccess(resources, authorizer);
    const watches = new WatchMetrics(metrics);
    this.#environment = {
      resources,
      model,
      admission,
      watches,
      reservers,
      expressions,
      fieldRights,
      authorizer,
      clock,
      random,
      log,
    };
    const { cidrs, nodePorts, advertised, sharesStore } = options.services;
    this.#serviceReserver = new ServiceReserver(this.#environment, {
      families: cidrs.flatMap((cidr) => blockFamily(cidr) ?? []),
      ports: new NodePorts({ store, span: nodePorts, random }),
      user: SUPERVISOR_USER,
    });
    reservers.set(resources.of(Service).kind, this.#serviceReserver);
    this.#ownObjects = new OwnObjects({
      ensure: objectEnsurer(this.#environment, SUPERVISOR_USER),
      serviceCidrs: cidrs,
      advertised,
      peers: advertised && sharesStore ? new ServingPeers(store, advertised.address) : undefined,
      clock,
      log,
    });
    const { frontProxy, authentication: configured } = options;
    const { authenticators, bearerTokens } = makeAuthentication({
      ...{ resources, tokens, frontProxy, configured, clock, log },
    });
    const unstored = [
      ...reviews({ model, authorizer, roles, bearerTokens, tokens, clock }),
      bindings(this.#environment),
      componentStatuses({ components: [storeHealth(store), ...(options.components ?? [])], model, clock }),
    ];
    const remote = new RemoteApiServices({
      ...{ resources, dial, addresses, clock },
      proxyKeyPair: options.aggregation?.keyPair,
    });
    this.#remote = remote;
    const environment = this.#environment;
    this.#availability = new Availability({ environment, remote, addresses, user: SUPERVISOR_USER, clock, log });
    this.#localApis = new LocalApiServices({
      environment,
      virtual: unstored,
      isCustom: (kind) => kind.decode !== undefined,
      user: SUPERVISOR_USER,
      log,
    });
    const router = new Router({
      remote,
      localApis: this.#localApis,
      custom: this.#custom,
      environment: this.#environment,
      subresources: [
        namespaceFinalize,
        podBinding,
        podEviction,
        ...scaleSubresources,
        serviceAccountToken(tokens),
        ...(nodeClient ? podStreams(nodeClient) : []),
        ...proxySubresources({ dial, addresses, nodeClient, clock }),
      ],
      unstored,
      tokens,
      checks: healthChecks({ store, resources, isEnding: () => this.#isEnding || this.#stopped.signal.aborted }),
      serverAddress: options.serverAddress,
      metrics,
      tracer: tracer ?? untraced,
      log,
    });
    const ensure = objectEnsurer(this.#environment, SUPERVISOR_USER);
    const flows = new FlowController({ resources, clock, onChange: () => this.#flowObjects.changed() });
    this.#flows = flows;
    const apply = statusApplier(this.#environment, SUPERVISOR_USER);
    this.#flowObjects = new FlowObjectsKeeper({ flows, ensure, apply, clock, log });
    const requestMetrics = new RequestMetrics(metrics, (info) => router.serves(info));
    registerServerMetrics(metrics, { resources, store, remote, flows, audit: options.audit?.sinks ?? [] });
    registerProcessMetrics(metrics, clock.now());
    const chain = handlerChain({
      ...options,
      requestMetrics,
      accessMetrics: new AccessMetrics(metrics),
      authenticators,
      authorizer,
      flows,
      resources,
      audit: options.audit,
      tracer,
    });
    this.#respond = composeHandlers(chain, (context) => router.respond(context));
  }

  /** Fills the caches and makes what must exist. To be called once, before the first request. */
  async start(signal: AbortSignal): Promise<void> {
    const { resources } = this.#environment;
    this.#running.push(this.#feed.run(this.#stopped.signal));
    for (const resource of resources.all()) this.#running.push(resource.run(this.#stopped.signal));
    await Promise.all(resources.all().map((resource) => resource.waitUntilReady(signal)));
    const ensure = objectEnsurer(this.#environment, SUPERVISOR_USER);
    const leave = () => undefined;
    for (const name of SYSTEM_NAMESPACES) await ensure(Namespace, { metadata: { name }, spec: {} }, leave);
    await ensurePriorityClasses(ensure);
    await Promise.all([reconcileBuiltInRoles(ensure), reconcileFlowObjects(ensure)]);
    await this.#flows.pullNewest();
    await this.#flowObjects.settled();
    await this.#serviceReserver.repair();
    await this.#ownObjects.ensureAll();
    this.#running.push(this.#ownObjects.run(this.#stopped.signal));
    await this.#custom.refreshNewest();
    const { aggregation } = this.#options;
    if (aggregation) await ensureAuthenticationConfig(ensure, aggregation);
    await this.#localApis.reconcile();
    this.#running.push(this.#availability.run(this.#stopped.signal));
  }

  /** Seals again what was sealed with an older key or not at all; returns how many values. After `start`. */
  async reseal(signal: AbortSignal): Promise<number> {
    const { store, encryption } = this.#options;
    return encryption ? resealValues({ store, encryption, resources: this.#environment.resources.all() }, signal) : 0;
  }

  /** New connections to other groups' servers show another certificate. */
  replaceProxyCertificate(keyPair: KeyPairPem): void {
    this.#remote.replaceKeyPair(keyPair);
  }

  /** Ends all watches and stops following the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.shutDown();
    await this.#custom[Symbol.asyncDispose]();
    await this.#localApis.settled;
    this.#caller[Symbol.dispose]();
    this.#remote[Symbol.dispose]();
    await Promise.all(this.#running);
    await this.#flowObjects.settled();
  }

  /**
   * Readiness fails from now on, everything else goes on: whoever sends clients here has time to see it. Resolves when the cluster
   * knows, too, or does not take it in for some seconds.
   */
  async announceShutdown(): Promise<void> {
    this.#isEnding = true;
    const { clock } = this.#options;
    const late = Promise.withResolvers<void>();
    using _timer = clock.setTimer(LEAVE_MS, late.resolve);
    await Promise.race([this.#ownObjects.leave(), late.promise]);
  }

  /** Ends everything that lasts: readiness fails from now on, watchers are told to come back elsewhere. */
  shutDown(): void {
    this.#stopped.abort();
  }

  /** Everything that outlives its request must end with this. */
  get shutdownSignal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Answers one request; never throws. */
  respond(request: ApiRequest): Answer {
    return this.#respond({
      request,
      info: NO_INFO,
      user: ANONYMOUS,
      warnings: [],
      responseHeaders: {},
      annotations: new AuditAnnotations(),
    });
  }

  /** What a client is told when its request never reached the chain, or failed after it. */
  respondError(error: ApiError, accept: string | undefined): Answer {
    return yamlAnswer(errorResponse(error, { encoding: readErrorEncoding(accept), model: this.#environment.model }));
  }

  /** The entrance for parts of the same process, as somebody who needs no credentials. */
  async handle(request: TransportRequest, user: User = SUPERVISOR_USER): Promise<TransportResponse> {
    const { method, path, headers, body, signal } = request;
    const stopped = this.#stopped.signal;
    return this.respond({
      method,
      target: path,
      headers,
      body: memoryBody(body),
      get signal() {
        return signal ? AbortSignal.any([signal, stopped]) : stopped;
      },
      wantsUpgrade: false,
      transportUser: user,
    });
  }
}

/** Stands in until the request has been read; nothing looks at it before. */
const NO_INFO = parseRequestInfo("GET", "/");
