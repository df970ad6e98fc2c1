// The pool of service addresses: the blocks are ServiceCIDR objects, and an address is given to somebody while there is an
// IPAddress object of its name. The name is the lock: of two who take an address at once, the store lets one write it.

import type { Service } from "@atoll/api/core/service/kind";
import { type AddressFamily, addressFamily, canonicalAddress } from "@atoll/api/meta/addresses";
import { IPAddress } from "@atoll/api/networking/ip-address/kind";
import { ServiceCIDR } from "@atoll/api/networking/service-cidr/kind";
import { formatTime } from "@atoll/base/clock";
import { settleOwn } from "../registry/new-object.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import { serverWrite } from "../registry/ensure-object.ts";
import type { User } from "../request/request.ts";
import { copyObject } from "../registry/object-fields.ts";
import type { Companions } from "../registry/reservation.ts";
import type { ResourceStore } from "../registry/resource-store.ts";
import { AddressRange } from "./address-range.ts";

/** Who keeps the object; upstream's name, by which its own controllers know it. */
export const MANAGED_BY = "ipallocator.k8s.io";
export const MANAGED_BY_LABEL = "ipaddress.kubernetes.io/managed-by";
export const FAMILY_LABEL = "ipaddress.kubernetes.io/ip-family";

/** Why an address cannot be given, in the words that clients know. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

export class ServiceAddresses {
  readonly #environment: RegistryEnvironment;
  readonly #records: ResourceStore;
  readonly #blocks: ResourceStore;
  readonly #user: User;

  /** `user`: as whom the records are written. */
  constructor(environment: RegistryEnvironment, user: User) {
    this.#environment = environment;
    this.#user = user;
    this.#records = environment.resources.of(IPAddress);
    this.#blocks = environment.resources.of(ServiceCIDR);
  }

  /** A free address of the family that is not among `taken`. Undefined: there is none. */
  async findFree(family: AddressFamily): Promise<string | undefined> {
    await Promise.all([this.#blocks.catchUp(), this.#records.catchUp()]);
    for (const range of this.#readyRanges()) {
      if (range.family !== family) continue;
      for (const address of range.searchOrder(this.#environment.random)) {
        if (!this.#records.peek(this.#records.keyOf("", address))) return address;
      }
    }
    return undefined;
  }

  /** Throws AddressRefused where the address is no service's to ask for, or somebody has it. */
  async checkFree(address: string): Promise<void> {
    await this.#blocks.catchUp();
    const covering = this.#readyRanges().filter((range) => range.covers(address));
    const [first] = covering;
    if (!first) throw new AddressRefused("the provided network does not match the current range");
    if (!covering.some((range) => range.has(address))) {
      throw new AddressRefused(
        `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${first.cidr}`,
      );
    }
    if (await this.#records.get(this.#keyOf(address))) {
      throw new AddressRefused("provided IP is already allocated");
    }
  }

  /** The record that gives a free address to a service. */
  take(address: string, service: Service): Companions {
    const { namespace = "", name = "" } = service.metadata;
    const record: IPAddress = {
      metadata: {
        name: canonicalAddress(address),
        labels: { [FAMILY_LABEL]: addressFamily(address) ?? "", [MANAGED_BY_LABEL]: MANAGED_BY },
      },
      spec: { parentRef: { group: "", resource: "services", namespace, name } },
    };
    const { kind, codec } = this.#records;
    settleOwn(this.#environment, { kind, namespace: "", name: "", subresource: "" }, record, serverWrite(this.#user));
    const key = this.#keyOf(address);
    return {
      compares: [{ key, modRevision: 0 }],
      writes: [{ type: "put", key, value: codec.encode(key, record) }],
    };
  }

  /** Takes the record away, if it is this service's. One that somebody holds by a finalizer is only marked. */
  async giveBack(address: string, { metadata }: Service): Promise<Companions | undefined> {
    const key = this.#keyOf(address);
    const stored = await this.#records.get(key);
    if (!stored) return undefined;
    const record = stored.object as IPAddress; // the store holds this kind only
    const { parentRef } = record.spec;
    const isTheirs = parentRef?.resource === "services" && parentRef.name === metadata.name;
    if (!isTheirs || (parentRef.namespace ?? "") !== (metadata.namespace ?? "")) return undefined;
    const compares = [{ key, modRevision: stored.revision }];
    if (!record.metadata.finalizers?.length) return { compares, writes: [{ type: "delete", key }] };
    if (record.metadata.deletionTimestamp) return undefined;
    const marked = copyObject(record);
    marked.metadata.deletionTimestamp = formatTime(this.#environment.clock.now());
    marked.metadata.deletionGracePeriodSeconds = 0;
    return { compares, writes: [{ type: "put", key, value: this.#records.codec.encode(key, marked) }] };
  }

  #keyOf(address: string): string {
    return this.#records.keyOf("", canonicalAddress(address));
  }

  /** Blocks in use: not on their way out, and not declared unready by the one who looks after them. */
  #readyRanges(): AddressRange[] {
    const { items } = this.#blocks.rangeCached(this.#blocks.rangeOf(""), 0);
    return items.flatMap((item) => {
      if (!item.isReadable) return [];
      const { metadata, spec, status } = item.object as ServiceCIDR; // the store holds this kind only
      const ready = status?.conditions?.find(({ type }) => type === "Ready");
      if (metadata.deletionTimestamp || (ready && ready.status !== "True")) return [];
      return (spec.cidrs ?? []).map((cidr) => new AddressRange(cidr));
    });
  }
}
