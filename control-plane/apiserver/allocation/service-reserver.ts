// What a service is given when it is written, and gives back when it goes: addresses of its families and ports on the hosts.

import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Service } from "@atoll/api/core/service/kind";
import { HEADLESS, isExternalName } from "@atoll/api/core/service/traits";
import { type AddressFamily, addressFamily } from "@atoll/api/meta/addresses";
import type { FieldError } from "@atoll/api/kind";
import { invalidValue, isEqualJson } from "@atoll/api/meta/field-error";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { RegistryEnvironment } from "../registry/environment.ts";
import type { User } from "../request/request.ts";
import { throwIfInvalid } from "../registry/field-errors.ts";
import type { Companions, Reserver } from "../registry/reservation.ts";
import type { ResourceStore } from "../registry/resource-store.ts";
import type { NodePorts } from "./node-ports.ts";
import { AddressRefused, ServiceAddresses } from "./service-addresses.ts";
import { settleFamilies } from "./service-families.ts";
import { allPortsOf, giveBackPorts, mayHaveNodePorts, takePortsOfNew, takePortsOfUpdate } from "./service-ports.ts";

export class ServiceReserver implements Reserver {
  readonly #families: readonly AddressFamily[];
  readonly #addresses: ServiceAddresses;
  readonly #ports: NodePorts;
  readonly #services: ResourceStore;
  readonly #endpoints: ResourceStore;

  /** `families`: those that services can have, the usual one first. */
  constructor(
    environment: RegistryEnvironment,
    {
      families,
      ports,
      user,
    }: { readonly families: readonly AddressFamily[]; readonly ports: NodePorts; readonly user: User },
  ) {
    this.#families = families;
    this.#addresses = new ServiceAddresses(environment, user);
    this.#ports = ports;
    this.#services = environment.resources.of(Service);
    this.#endpoints = environment.resources.of(Endpoints);
  }

  /** To be called before the first write: the record of ports may be missing, or somebody else's. */
  async repair(): Promise<void> {
    await this.#ports.repair(async () => {
      await this.#services.catchUp();
      const { items } = this.#services.rangeCached(this.#services.rangeOf(""), 0);
      return items.flatMap((item) => (item.isReadable ? allPortsOf(asService(item.object)) : []));
    });
  }

  async create(object: KubeObject): Promise<Companions> {
    const service = asService(object);
    this.#refuse(service, settleFamilies(service, undefined, this.#families));
    const parts = await this.#takeAddresses(service, 0);
    if (mayHaveNodePorts(service)) {
      const transaction = await this.#ports.open();
      this.#refuse(service, takePortsOfNew(service, transaction));
      parts.push(transaction.companions);
    }
    return joined(parts);
  }

  async update(object: KubeObject, oldObject: KubeObject): Promise<Companions> {
    const service = asService(object);
    const old = asService(oldObject);
    const isPreferenceKept =
      service.spec.ipFamilyPolicy === "PreferDualStack" && isEqualJson(addressFieldsOf(service), addressFieldsOf(old));
    this.#refuse(service, settleFamilies(service, old, this.#families));
    const parts = isPreferenceKept ? [] : await this.#updateAddresses(service, old);
    if (mayHaveNodePorts(service) || mayHaveNodePorts(old)) {
      const transaction = await this.#ports.open();
      this.#refuse(service, takePortsOfUpdate(service, old, transaction));
      parts.push(transaction.companions);
    }
    return joined(parts);
  }

  async delete(object: KubeObject): Promise<Companions> {
    const service = asService(object);
    const parts: (Companions | undefined)[] = [];
    for (const address of addressesOf(service)) parts.push(await this.#addresses.giveBack(address, service));
    if (allPortsOf(service).length > 0) {
      const transaction = await this.#ports.open();
      giveBackPorts(service, transaction);
      parts.push(transaction.companions);
    }
    parts.push(this.#withoutEndpoints(service));
    return joined(parts);
  }

  /** A service that takes the name later must not find the endpoints of this one. */
  #withoutEndpoints({ metadata }: Service): Companions | undefined {
    const key = this.#endpoints.keyOf(metadata.namespace ?? "", metadata.name ?? "");
    const stored = this.#endpoints.peek(key);
    if (!stored?.isReadable || stored.object.metadata.finalizers?.length) return undefined;
    return { compares: [], writes: [{ type: "delete", key }] };
  }

  /** What a change of type, or of the number of families, comes to. */
  async #updateAddresses(service: Service, old: Service): Promise<(Companions | undefined)[]> {
    if (isExternalName(old)) return isExternalName(service) ? [] : this.#takeAddresses(service, 0);
    const before = addressesOf(old);
    if (before.length === 0) return [];
    if (isExternalName(service)) return this.#giveBackAll(before, old);
    const { ipFamilies = [] } = service.spec;
    if (before.length === 1 && ipFamilies.length === 2) return this.#takeAddresses(service, 1);
    if (before.length === 2 && ipFamilies.length === 1) return this.#giveBackAll(before.slice(1), old);
    return [];
  }

  async #giveBackAll(addresses: readonly string[], service: Service): Promise<(Companions | undefined)[]> {
    return Promise.all(addresses.map((address) => this.#addresses.giveBack(address, service)));
  }

  /** One address for each family from the `from`th on: the one that is named, or a free one. */
  async #takeAddresses(service: Service, from: number): Promise<(Companions | undefined)[]> {
    const { spec } = service;
    // A second address beside none at all is refused by the checks that follow.
    if (isExternalName(service) || (from === 0 && spec.clusterIPs?.[0] === HEADLESS)) return [];
    const parts: Companions[] = [];
    const families = spec.ipFamilies ?? [];
    const addresses = [...(spec.clusterIPs ?? []), ...families.map(() => "")].slice(0, families.length);
    spec.clusterIPs = addresses;
    for (const [i, family] of families.entries()) {
      if (i < from) continue;
      const address = await this.#findAddress(service, family as AddressFamily, addresses[i]); // settled by now
      addresses[i] = address;
      parts.push(this.#addresses.take(address, service));
    }
    if (addresses[0]) spec.clusterIP = addresses[0];
    return parts;
  }

  async #findAddress(service: Service, family: AddressFamily, wanted: string | undefined): Promise<string> {
    if (!wanted) {
      const free = await this.#addresses.findFree(family);
      if (free) return free;
      const name = service.metadata.name ?? "";
      throw ApiError.from(new Error(`failed to allocate a serviceIP for Service "${name}": range is full`));
    }
    try {
      await this.#addresses.checkFree(wanted);
    } catch (error) {
      if (!(error instanceof AddressRefused)) throw error;
      const text = `failed to allocate IP ${wanted}: ${error.message}`;
      this.#refuse(service, [invalidValue("spec.clusterIPs", service.spec.clusterIPs, text)]);
    }
    return wanted;
  }

  #refuse({ metadata }: Service, errors: readonly FieldError[]): void {
    throwIfInvalid(this.#services.kind, metadata.name ?? "", errors);
  }
}

function asService(object: KubeObject): Service {
  return object as Service; // the registry calls the reserver of a kind with objects of that kind
}

function addressFieldsOf({ spec }: Service): unknown {
  return [spec.type, spec.ipFamilyPolicy, spec.clusterIPs ?? [], spec.ipFamilies ?? []];
}

function addressesOf(service: Service): string[] {
  if (isExternalName(service)) return [];
  return (service.spec.clusterIPs ?? []).filter((address) => addressFamily(address) !== undefined);
}

function joined(parts: readonly (Companions | undefined)[]): Companions {
  return {
    compares: parts.flatMap((part) => part?.compares ?? []),
    writes: parts.flatMap((part) => part?.writes ?? []),
  };
}
