// Where a Service's backends listen. Not through the Service's own address, which only hosts know how to spread: the server
// picks one of the ready endpoints itself.

import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Service } from "@atoll/api/core/service/kind";
import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import type { Random } from "@atoll/base/random";
import { ApiError, notFound } from "@atoll/machinery/object/api-error";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
  /** Of the Service. */
  readonly port: number;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export interface Backend {
  readonly host: string;
  readonly port: number;
  /** Undefined: nobody says that it is a pod. */
  readonly pod?: PodName | undefined;
}

const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

export class ServiceAddresses {
  readonly #services: ResourceStore;
  readonly #slices: ResourceStore;
  readonly #endpoints: ResourceStore;
  readonly #random: Random;

  constructor(resources: ResourceTable, random: Random) {
    this.#services = resources.of(Service);
    this.#slices = resources.of(EndpointSlice);
    this.#endpoints = resources.of(Endpoints);
    this.#random = random;
  }

  /** One of the ready backends, by chance. Throws NotFound or ServiceUnavailable. */
  resolve({ namespace, name, port }: ServiceName): Backend {
    const service = this.service(namespace, name);
    if (!service) throw notFound({ group: "", name: "services" }, name);
    const { type = "ClusterIP", externalName = "", ports = [] } = service.spec ?? {};
    if (type === "ExternalName") return { host: externalName, port };
    const servicePort = ports.find((candidate) => candidate.port === port);
    if (!servicePort) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
    const ready = this.backends(namespace, name, servicePort.name ?? "");
    const chosen = this.choose(ready);
    if (!chosen) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
    return chosen;
  }

  choose(backends: readonly Backend[]): Backend | undefined {
    return backends[Math.floor(this.#random.float() * backends.length)];
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.peek(this.#services.keyOf(namespace, name))?.object as Service | undefined; // the store's kind
  }

  /** All ready backends of a port, by its name in the Service. */
  backends(namespace: string, name: string, portName: string): readonly Backend[] {
    const slices = this.slicesOf(namespace, name);
    if (slices.length > 0) return slices.flatMap((slice) => backendsOfSlice(slice, portName));
    // Endpoints that somebody wrote by hand a moment ago have no slices yet.
    const key = this.#endpoints.keyOf(namespace, name);
    const endpoints = this.#endpoints.peek(key)?.object as Endpoints | undefined; // the store's kind
    return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
      const port = ports.find((candidate) => (candidate.name ?? "") === portName)?.port;
      if (port === undefined) return [];
      return addresses.map(({ ip, targetRef }) => ({ host: ip, port, pod: podOf(targetRef, namespace) }));
    });
  }

  slicesOf(namespace: string, name: string): readonly EndpointSlice[] {
    return this.#slices
      .rangeCached(this.#slices.rangeOf(namespace), 0)
      .items.map(({ object }) => object as EndpointSlice) // the store's kind
      .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name);
  }
}

function backendsOfSlice({ endpoints = [], ports = [], metadata }: EndpointSlice, portName: string): Backend[] {
  const port = ports.find((candidate) => (candidate.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return endpoints.flatMap(({ addresses, conditions, targetRef }) => {
    const [host] = addresses;
    // Nobody having said yet counts as ready.
    if (host === undefined || conditions?.ready === false) return [];
    return [{ host, port, pod: podOf(targetRef, metadata.namespace ?? "") }];
  });
}

function podOf(
  reference: { readonly kind?: string; readonly name?: string; readonly namespace?: string } | undefined,
  namespace: string,
): PodName | undefined {
  if (reference?.kind !== "Pod" || !reference.name) return undefined;
  return { namespace: reference.namespace ?? namespace, name: reference.name };
}

function unavailable(message: string): ApiError {
  return new ApiError("ServiceUnavailable", message);
}
