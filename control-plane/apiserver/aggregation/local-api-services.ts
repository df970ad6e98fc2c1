// One APIService for each group version that this server serves itself: clients look there for what there is, and nobody can
// take such a version away without taking its APIService. Built-in ones are made at the start, those of custom resources come
// and go with their definitions.

import { APIService } from "@atoll/api/api-registration/api-service/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { formatTime } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { AdmissionStep } from "../admission/admission.ts";
import { createObject } from "../registry/create-object.ts";
import { deleteObject } from "../registry/delete-object.ts";
import { serverWrite } from "../registry/ensure-object.ts";
import type { RegistryEnvironment } from "../registry/environment.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { User } from "../request/request.ts";
import { type ApiPriority, builtInPriority, CUSTOM_PRIORITY } from "./priorities.ts";

/** Upstream's label, and how it says what is looked after at the start and what always. */
const MANAGED_LABEL = "kube-aggregator.kubernetes.io/automanaged";
const AT_START = "onstart";
const ALWAYS = "true";

/** A group version that this server answers for itself is always there. */
export function localApiService(resources: ResourceTable, clock: { now(): number }): AdmissionStep {
  const { kind } = resources.of(APIService);
  return {
    name: "LocalAPIService",
    mutate(request) {
      if (request.kind !== kind || request.operation !== "CREATE" || !request.object) return;
      const apiService = request.object as APIService; // the kind is APIService
      if (apiService.spec?.service) return;
      const lastTransitionTime = formatTime(clock.now());
      const message = "Local APIServices are always available";
      apiService.status = {
        conditions: [{ type: "Available", status: "True", lastTransitionTime, reason: "Local", message }],
      };
    },
  };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export interface LocalApiServicesOptions {
  readonly environment: RegistryEnvironment;
  /** What is served beside the kinds of the table. */
  readonly virtual: readonly GroupVersion[];
  readonly isCustom: (kind: KindDefinition) => boolean;
  readonly user: User;
  readonly log: Logger;
}

export class LocalApiServices {
  readonly #options: LocalApiServicesOptions;
  /** Of the table, when it was last looked at. */
  #generation = -1;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LocalApiServicesOptions) {
    this.#options = options;
  }

  /** Makes what is missing and takes away what is served no more. Undefined when nothing has changed since. */
  reconcile(): Promise<void> | undefined {
    const { resources } = this.#options.environment;
    if (this.#generation === resources.generation) return undefined;
    this.#generation = resources.generation;
    this.#running = this.#running
      .then(() => this.#reconcileNow())
      .catch((error: unknown) => this.#options.log.error("Cannot register API services", { error }));
    return this.#running;
  }

  /** When nothing is under way. */
  get settled(): Promise<void> {
    return this.#running;
  }

  async #reconcileNow(): Promise<void> {
    const wanted = this.#wanted();
    const store = this.#options.environment.resources.of(APIService);
    await store.catchUp();
    const present = store.rangeCached(store.rangeOf(""), 0).items.map(({ object }) => object as APIService); // the store's kind
    const names = new Set(present.map(({ metadata }) => metadata.name ?? ""));
    // All at once: the store syncs them together.
    const missing = [...wanted].filter(([name]) => !names.has(name));
    await Promise.all(missing.map(([, apiService]) => this.#create(apiService)));
    for (const { metadata } of present) {
      const name = metadata.name ?? "";
      if (metadata.labels?.[MANAGED_LABEL] !== undefined && !wanted.has(name)) await this.#delete(name);
    }
  }

  #wanted(): Map<string, APIService> {
    const { environment, virtual, isCustom } = this.#options;
    const wanted = new Map<string, APIService>();
    const add = ({ group, version }: GroupVersion, priority: ApiPriority | undefined, managed: string) => {
      if (!priority) return;
      const name = `${version}.${group}`;
      if (wanted.has(name)) return;
      wanted.set(name, {
        metadata: { name, labels: { [MANAGED_LABEL]: managed } },
        spec: {
          ...(group === "" ? {} : { group }),
          version,
          groupPriorityMinimum: priority.group,
          versionPriority: priority.version,
        },
      });
    };
    for (const entry of virtual) add(entry, builtInPriority(entry.group, entry.version), AT_START);
    for (const kind of environment.resources.kinds()) {
      const { group, version } = kind.resource;
      if (isCustom(kind)) add(kind.resource, CUSTOM_PRIORITY, ALWAYS);
      else add(kind.resource, builtInPriority(group, version), AT_START);
    }
    return wanted;
  }

  async #create(apiService: APIService): Promise<void> {
    const { environment, user } = this.#options;
    const store = environment.resources.of(APIService);
    const target = { kind: store.kind, namespace: "", name: "", subresource: "" };
    try {
      await createObject(environment, store, target, apiService, serverWrite(user));
    } catch (error) {
      // Another server on the same store was quicker.
      if (!hasReason(error, "AlreadyExists")) throw error;
    }
  }

  async #delete(name: string): Promise<void> {
    const { environment, user } = this.#options;
    const store = environment.resources.of(APIService);
    const target = { kind: store.kind, namespace: "", name, subresource: "" };
    const deletion = {
      gracePeriodSeconds: 0,
      uid: undefined,
      resourceVersion: undefined,
      propagationPolicy: undefined,
    };
    try {
      await deleteObject(environment, store, target, { options: { ...deletion, dryRun: false }, user, warnings: [] });
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  }
}
