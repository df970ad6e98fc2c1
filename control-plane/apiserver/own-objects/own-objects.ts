// What the server keeps of its own accord: the block that services get their addresses from, the service by which pods find the
// API, and that service's endpoints. Somebody may delete them; they come back.

import { Endpoints } from "@atoll/api/core/endpoints/kind";
import { Service } from "@atoll/api/core/service/kind";
import { EndpointSlice } from "@atoll/api/discovery/endpoint-slice/kind";
import { addressFamily } from "@atoll/api/meta/addresses";
import { isEqualJson } from "@atoll/api/meta/field-error";
import { ServiceCIDR } from "@atoll/api/networking/service-cidr/kind";
import { type Clock, formatTime } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { AddressRange } from "../allocation/address-range.ts";
import type { EnsureObject } from "../registry/ensure-object.ts";
import type { ServingPeers } from "./serving-peers.ts";

/** Upstream's number: what is gone is back after this long. */
const LOOK_INTERVAL_MS = 10_000;

const NAMESPACE = "default";
const NAME = "kubernetes";
const PORT_NAME = "https";
const PORT = 443;

export interface AdvertisedAddress {
  readonly address: string;
  readonly port: number;
}

export interface OwnObjectsOptions {
  readonly ensure: EnsureObject;
  /** Blocks of service addresses, at most one of each family; that of the first is the usual one. */
  readonly serviceCidrs: readonly string[];
  /** Where clients in the cluster reach this server. Undefined: nowhere, and the endpoints are left as they are. */
  readonly advertised: AdvertisedAddress | undefined;
  /** Undefined: no other server works on the same store. */
  readonly peers: ServingPeers | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OwnObjects {
  readonly #options: OwnObjectsOptions;
  #isLeaving = false;

  constructor(options: OwnObjectsOptions) {
    this.#options = options;
  }

  /** Makes what is missing. What cannot be made is no reason not to serve all the rest: it is logged, and tried again. */
  async ensureAll(): Promise<void> {
    const parts = {
      ServiceCIDR: this.#ensureServiceCidr,
      Service: this.#ensureService,
      Endpoints: this.#ensureEndpoints,
    };
    for (const [kind, ensurePart] of Object.entries(parts)) {
      try {
        await ensurePart.call(this);
      } catch (error) {
        this.#options.log.error("cannot make an object of the server's own", { kind, name: NAME, error });
      }
    }
  }

  /** Where other servers go on answering, clients in the cluster are no longer sent here. */
  async leave(): Promise<void> {
    const { peers, advertised, log } = this.#options;
    this.#isLeaving = true;
    if (!peers || !advertised) return;
    try {
      await peers.leave();
      const others = await peers.list();
      // The last one's endpoints stay: there is nobody else to go to.
      if (others.length > 0) await this.#writeEndpoints(others, advertised);
    } catch (error) {
      log.error("cannot take this server out of the endpoints", { name: NAME, error });
    }
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (await slept(clock, signal)) await this.ensureAll();
  }

  /** A block that its administrator has changed is his; a second family may still be added. */
  async #ensureServiceCidr(): Promise<void> {
    const { ensure, serviceCidrs, clock } = this.#options;
    const wanted: ServiceCIDR = { metadata: { name: NAME }, spec: { cidrs: [...serviceCidrs] } };
    await ensure(ServiceCIDR, wanted, (present) => {
      const { cidrs = [] } = present.spec;
      const isAdded = serviceCidrs.length === 2 && cidrs.length === 1 && cidrs[0] === serviceCidrs[0];
      return isAdded ? { ...present, spec: wanted.spec } : undefined;
    });
    const report = (present: ServiceCIDR) => {
      const isReported = present.status?.conditions?.some(
        ({ type, status }) => type === "Ready" && status !== "Unknown",
      );
      if (isReported || present.metadata.deletionTimestamp) return undefined;
      if (!isEqualJson(present.spec.cidrs, serviceCidrs)) return undefined;
      const condition = {
        type: "Ready",
        status: "True",
        reason: "",
        message: "Kubernetes default Service CIDR is ready",
        lastTransitionTime: formatTime(clock.now()),
      };
      return { ...present, status: { ...present.status, conditions: [condition] } };
    };
    await ensure(ServiceCIDR, wanted, report, "status");
  }

  /** Made once; later its ports are its administrator's. */
  async #ensureService(): Promise<void> {
    const { ensure, serviceCidrs, advertised } = this.#options;
    const [block] = serviceCidrs;
    if (!block) return;
    const service: Service = {
      metadata: {
        name: NAME,
        namespace: NAMESPACE,
        labels: { provider: "kubernetes", component: "apiserver" },
      },
      spec: {
        ports: [{ name: PORT_NAME, protocol: "TCP", port: PORT, targetPort: advertised?.port ?? PORT }],
        clusterIP: new AddressRange(block).firstAddress,
        ipFamilyPolicy: "SingleStack",
        sessionAffinity: "None",
        type: "ClusterIP",
      },
    };
    await ensure(Service, service, () => undefined);
  }

  async #ensureEndpoints(): Promise<void> {
    const { advertised, peers } = this.#options;
    if (!advertised || this.#isLeaving) return;
    await peers?.renew();
    await this.#writeEndpoints(peers ? await peers.list() : [advertised.address], advertised);
  }

  /** Servers on other ports than this one's are not told apart, as upstream. */
  async #writeEndpoints(answering: readonly string[], { address: own, port }: AdvertisedAddress): Promise<void> {
    const { ensure } = this.#options;
    // A slice is of one family.
    const addressType = addressFamily(own) ?? "IPv4";
    const addresses = answering.filter((address) => addressFamily(address) === addressType);
    const subsets = [
      { addresses: addresses.map((ip) => ({ ip })), ports: [{ name: PORT_NAME, port, protocol: "TCP" }] },
    ];
    // Whoever mirrors endpoints into slices leaves these alone: the slice below is theirs.
    const labels = { "endpointslice.kubernetes.io/skip-mirror": "true" };
    const endpoints: Endpoints = { metadata: { name: NAME, namespace: NAMESPACE, labels }, subsets };
    await ensure(Endpoints, endpoints, (present) =>
      isEqualJson(present.subsets, subsets) && hasLabels(present, labels)
        ? undefined
        : { ...present, metadata: withLabels(present, labels), subsets },
    );
    const parts = {
      addressType,
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: [{ name: PORT_NAME, port, protocol: "TCP" }],
    };
    const sliceLabels = { "kubernetes.io/service-name": NAME };
    const slice: EndpointSlice = { metadata: { name: NAME, namespace: NAMESPACE, labels: sliceLabels }, ...parts };
    await ensure(EndpointSlice, slice, (present) => {
      const { addressType, endpoints: shown, ports } = present;
      const isSame = isEqualJson({ addressType, endpoints: shown, ports }, parts) && hasLabels(present, sliceLabels);
      return isSame ? undefined : { ...present, metadata: withLabels(present, sliceLabels), ...parts };
    });
  }
}

/** False: the signal aborted. */
async function slept(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(LOOK_INTERVAL_MS, signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}

type Labels = Readonly<Record<string, string>>;

function hasLabels({ metadata }: Service | EndpointSlice | Endpoints, labels: Labels): boolean {
  return Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value);
}

function withLabels({ metadata }: Service | EndpointSlice | Endpoints, labels: Labels) {
  return { ...metadata, labels: { ...metadata.labels, ...labels } };
}
