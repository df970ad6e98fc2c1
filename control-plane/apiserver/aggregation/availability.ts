// Whether the servers of other group versions are there: asked when something about them has changed and every half minute,
// and written to their APIServices, with upstream's reasons. What a server says it has is kept for discovery.

import { APIService } from "@atoll/api/api-registration/api-service/kind";
import { type Clock, formatTime } from "@atoll/base/clock";
import { toError } from "@atoll/base/errors";
import type { Logger } from "@atoll/base/log";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { ServiceAddresses } from "../outgoing/service-addresses.ts";
import { serverWrite } from "../registry/ensure-object.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import { copyObject } from "../registry/object-fields.ts";
import { updateObject } from "../registry/update-object.ts";
import type { User } from "../request/request.ts";
import { askForResources } from "./ask-for-resources.ts";
import type { RemoteApi, RemoteApiServices, RemoteResource } from "./remote-api-services.ts";

/** How often it is looked whether there is something to ask. */
const TICK_MS = 1000;
const CHECK_INTERVAL_MS = 30_000;

interface Verdict {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

const PASSED: Verdict = { status: "True", reason: "Passed", message: "all checks passed" };

export interface AvailabilityOptions {
  readonly environment: RegistryEnvironment;
  readonly remote: RemoteApiServices;
  readonly addresses: ServiceAddresses;
  readonly user: User;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Availability {
  readonly #options: AvailabilityOptions;
  /** When each is due. */
  readonly #due = new Map<string, number>();
  #endpoints = "";

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  /** Until the signal aborts; costs a look at an empty list where there are no such servers. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, remote, log } = this.#options;
    while (!signal.aborted) {
      const apis = remote.all();
      if (apis.length > 0)
        await this.#checkDue(apis, signal).catch((error) => log.error("Cannot check API services", { error }));
      await clock.sleep(TICK_MS, signal).catch(() => {});
    }
  }

  async #checkDue(apis: readonly RemoteApi[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    // A change of the backends is a reason to ask at once.
    const endpoints = JSON.stringify(apis.map((api) => [api.name, api.service, this.#portOf(api)]));
    if (endpoints !== this.#endpoints) this.#due.clear();
    this.#endpoints = endpoints;
    const nowMs = clock.monotonicMs();
    const due = apis.filter(({ name }) => (this.#due.get(name) ?? 0) <= nowMs);
    await Promise.all(due.map((api) => this.#check(api, signal)));
  }

  async #check(api: RemoteApi, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const verdict = await this.#judge(api, signal);
    // An answer that was not waited for says nothing.
    if (signal.aborted) return;
    // What failed is asked again soon; upstream backs off to about the same.
    this.#due.set(api.name, clock.monotonicMs() + (verdict === PASSED ? CHECK_INTERVAL_MS : TICK_MS * 2));
    await this.#write(api, verdict);
  }

  #portOf({ service: { namespace, name, port } }: RemoteApi) {
    const service = this.#options.addresses.service(namespace, name);
    const servicePort = service?.spec?.ports?.find((candidate) => candidate.port === port);
    const backends = servicePort && this.#options.addresses.backends(namespace, name, servicePort.name ?? "");
    return { service, servicePort, backends };
  }

  async #judge(api: RemoteApi, signal: AbortSignal): Promise<Verdict> {
    const { namespace, name, port } = api.service;
    const refuse = (reason: string, message: string): Verdict => ({ status: "False", reason, message });
    const { service, servicePort, backends } = this.#portOf(api);
    if (!service) return refuse("ServiceNotFound", `service/${name} in ${JSON.stringify(namespace)} is not present`);
    if ((service.spec?.type ?? "ClusterIP") === "ClusterIP") {
      const where = `service/${name} in ${JSON.stringify(namespace)}`;
      if (!servicePort) return refuse("ServicePortError", `${where} is not listening on port ${port}`);
      const hasSlices = this.#options.addresses.slicesOf(namespace, name).length > 0;
      if (!hasSlices) return refuse("EndpointsNotFound", `cannot find endpointslices for ${where}`);
      if (!backends || backends.length === 0) {
        const text = `endpointslices for ${where} have no addresses with port name ${JSON.stringify(servicePort.name ?? "")}`;
        return refuse("MissingEndpoints", text);
      }
    }
    const path = api.group === "" ? `/api/${api.version}` : `/apis/${api.group}/${api.version}`;
    const url = `https://${api.serverName}:${port}${path}`;
    try {
      const { clock } = this.#options;
      const { status, body } = await askForResources(api, path, { clock, signal });
      if (status < 200 || status > 299) throw new Error(`bad status from ${url}: ${status}`);
      this.#options.remote.remember(api, resourcesIn(body));
      return PASSED;
    } catch (error) {
      return refuse("FailedDiscoveryCheck", `failing or missing response from ${url}: ${toError(error).message}`);
    }
  }

  async #write({ name }: RemoteApi, { status, reason, message }: Verdict): Promise<void> {
    const { environment, user, clock } = this.#options;
    const store = environment.resources.of(APIService);
    const target = { kind: store.kind, namespace: "", name, subresource: "status" };
    const make = (old: APIService) => {
      const object = copyObject(old);
      const conditions = object.status?.conditions ?? [];
      const known = conditions.find(({ type }) => type === "Available");
      const lastTransitionTime =
        known?.status === status && known.lastTransitionTime ? known.lastTransitionTime : formatTime(clock.now());
      const condition = { type: "Available", status, lastTransitionTime, reason, message };
      object.status = { conditions: [...conditions.filter(({ type }) => type !== "Available"), condition] };
      return object;
    };
    try {
      await updateObject(environment, store, target, (old) => make(old as APIService), serverWrite(user)); // the store's kind
    } catch (error) {
      // It was deleted meanwhile, and there is nothing to say of it any more.
      if (!hasReason(error, "NotFound")) throw error;
    }
  }
}

/** What an APIResourceList names; a server that answers with something else is there and has nothing. */
function resourcesIn(body: Buffer): readonly RemoteResource[] {
  let list: unknown;
  try {
    list = JSON.parse(body.toString());
  } catch {
    return [];
  }
  if (typeof list !== "object" || list === null || !("resources" in list) || !Array.isArray(list.resources)) return [];
  return list.resources.filter(isResource);
}

function isResource(value: unknown): value is RemoteResource {
  if (typeof value !== "object" || value === null) return false;
  const { name, kind, verbs } = value as Partial<RemoteResource>; // any object can be read by its field names
  return typeof name === "string" && typeof kind === "string" && Array.isArray(verbs);
}
