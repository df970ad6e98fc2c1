// The group versions that somebody else serves: which they are, how their servers are reached, and what they say they have.

import { APIService } from "@atoll/api/api-registration/api-service/kind";
import type { Clock } from "@atoll/base/clock";
import type { KeyPairPem } from "../key-pair.ts";
import type { Dial } from "../outgoing/dial.ts";
import { DialingAgent } from "../outgoing/dialing-agent.ts";
import type { ServiceAddresses, ServiceName } from "../outgoing/service-addresses.ts";
import { ObjectFollower } from "../registry/object-follower.ts";
import type { ResourceTable } from "../registry/resource-table.ts";

/** One resource as a server lists it in its APIResourceList. */
export interface RemoteResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface RemoteApi {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  readonly service: ServiceName;
  /** The name that the server's certificate has. */
  readonly serverName: string;
  readonly isAvailable: boolean;
  readonly agent: DialingAgent;
}

export interface RemoteApiServicesOptions {
  readonly resources: ResourceTable;
  readonly dial: Dial;
  readonly addresses: ServiceAddresses;
  readonly clock: Clock;
  /** Proves to the servers that it is this server that speaks for a user. Undefined: nothing does. */
  readonly proxyKeyPair: KeyPairPem | undefined;
}

/** Connections to one server that nobody uses. */
const IDLE_SOCKETS_MAX = 64;
const IDLE_MS = 60_000;

export class RemoteApiServices implements Disposable {
  readonly #options: RemoteApiServicesOptions;
  readonly #follower: ObjectFollower<APIService>;
  readonly #byPath = new Map<string, RemoteApi>();
  /** By the same path, as they are stored. */
  readonly #stored = new Map<string, APIService>();
  readonly #agents = new Map<string, { readonly fingerprint: string; readonly agent: DialingAgent }>();
  #keyPair: KeyPairPem | undefined;
  readonly #resources = new Map<string, readonly RemoteResource[]>();
  #generation = 0;

  constructor(options: RemoteApiServicesOptions) {
    this.#options = options;
    this.#keyPair = options.proxyKeyPair;
    this.#follower = new ObjectFollower(options.resources, APIService, {
      clear: () => {
        this.#byPath.clear();
        this.#stored.clear();
        this.#generation += 1;
      },
      add: (apiService) => this.#add(apiService),
      remove: (apiService) => this.#remove(apiService),
    });
  }

  [Symbol.dispose](): void {
    for (const { agent } of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  /** Another number whenever documents that name remote versions must be made again. */
  get generation(): number {
    this.#follower.pull();
    return this.#generation;
  }

  /** Undefined: this server answers itself. */
  find(group: string, version: string): RemoteApi | undefined {
    this.#follower.pull();
    return this.#byPath.size === 0 ? undefined : this.#byPath.get(`${group}/${version}`);
  }

  all(): readonly RemoteApi[] {
    this.#follower.pull();
    return [...this.#byPath.values()];
  }

  replaceKeyPair(keyPair: KeyPairPem): void {
    this.#keyPair = keyPair;
    for (const apiService of [...this.#stored.values()]) this.#add(apiService);
  }

  /** What the server said when it was last asked. */
  resourcesOf({ name }: RemoteApi): readonly RemoteResource[] {
    return this.#resources.get(name) ?? [];
  }

  remember({ name }: RemoteApi, resources: readonly RemoteResource[]): void {
    if (JSON.stringify(this.#resources.get(name)) === JSON.stringify(resources)) return;
    this.#resources.set(name, resources);
    this.#generation += 1;
  }

  #add(apiService: APIService): void {
    const { metadata, spec, status } = apiService;
    const { group = "", version = "", service } = spec;
    if (!service) return;
    const name: ServiceName = {
      namespace: service.namespace ?? "",
      name: service.name ?? "",
      port: service.port ?? 443,
    };
    const serverName = `${name.name}.${name.namespace}.svc`;
    const path = `${group}/${version}`;
    this.#stored.set(path, apiService);
    this.#byPath.set(path, {
      name: metadata.name ?? "",
      group,
      version,
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
      service: name,
      serverName,
      isAvailable: status?.conditions?.some((one) => one.type === "Available" && one.status === "True") ?? false,
      agent: this.#agentOf(path, apiService, name),
    });
    this.#generation += 1;
  }

  /** The same for as long as nothing has changed that connections depend on: a new status must not end a watch. */
  #agentOf(path: string, { spec }: APIService, service: ServiceName): DialingAgent {
    const fingerprint = JSON.stringify([
      service,
      spec.caBundle,
      spec.insecureSkipTLSVerify,
      this.#keyPair?.certificate,
    ]);
    const known = this.#agents.get(path);
    if (known?.fingerprint === fingerprint) return known.agent;
    const { dial, addresses, clock } = this.#options;
    const ca = Buffer.from(spec.caBundle ?? "", "base64")
      .toString()
      .trim();
    const agent = new DialingAgent(async (signal) => dial(addresses.resolve(service), signal), {
      clock,
      keepAlive: true,
      maxFreeSockets: IDLE_SOCKETS_MAX,
      timeout: IDLE_MS,
      rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
      ...(ca === "" ? {} : { ca }),
      ...(this.#keyPair ? { cert: this.#keyPair.certificate, key: this.#keyPair.key } : {}),
    });
    this.#agents.set(path, { fingerprint, agent });
    return agent;
  }

  #remove({ metadata, spec }: APIService): void {
    const path = `${spec.group ?? ""}/${spec.version ?? ""}`;
    const known = this.#byPath.get(path);
    if (known?.name !== metadata.name || !known) return;
    // Requests under way end with their connections: whoever has changed the server has changed the answer.
    this.#byPath.delete(path);
    this.#stored.delete(path);
    this.#generation += 1;
  }
}
