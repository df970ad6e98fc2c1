// The ConfigMaps and Secrets that pods of this host refer to, and no others: each is watched by its name for as long as a pod
// needs it, which is all that the Node authorizer allows.

import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Secret } from "@atoll/api/core/secret/kind";
import type { Pod } from "@atoll/api/generated/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import { SharedInformer } from "@atoll/machinery/controller/shared-informer";
import { type ObjectSource, PodSourceError } from "./object-source.ts";

/** How long a pod's start waits for the first list of an object; afterwards the worker tries again by itself. */
const FIRST_LIST_TIMEOUT_MS = 10_000;

interface Watched<T extends KubeObject> {
  readonly informer: SharedInformer<T>;
  readonly users: Set<string>;
  readonly end: AbortController;
}

export interface ReferencedObjectsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called with the UID of each pod that refers to an object that changed. */
  readonly onChange: (podUid: string) => void;
}

export class ReferencedObjects implements Disposable {
  readonly #options: ReferencedObjectsOptions;
  readonly #configMaps = new Map<string, Watched<ConfigMap>>();
  readonly #secrets = new Map<string, Watched<Secret>>();

  constructor(options: ReferencedObjectsOptions) {
    this.#options = options;
  }

  /** What the code that fills volumes and variables of this pod reads from. */
  sourceFor(podUid: string): ObjectSource {
    return {
      configMap: (namespace, name) => this.#get(ConfigMap, this.#configMaps, { podUid, namespace, name }),
      secret: (namespace, name) => this.#get(Secret, this.#secrets, { podUid, namespace, name }),
    };
  }

  /** The pod is gone: ends the watches that only it needed. */
  release(podUid: string): void {
    for (const map of [this.#configMaps, this.#secrets]) {
      for (const [key, { users, end }] of map) {
        users.delete(podUid);
        if (users.size > 0) continue;
        end.abort();
        map.delete(key);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const map of [this.#configMaps, this.#secrets]) {
      for (const { end } of map.values()) end.abort();
      map.clear();
    }
  }

  async #get<T extends KubeObject>(
    resource: Resource<T>,
    map: Map<string, Watched<T>>,
    { podUid, namespace, name }: { readonly podUid: string; readonly namespace: string; readonly name: string },
  ): Promise<T | undefined> {
    const key = `${namespace}/${name}`;
    const watched = map.get(key) ?? this.#watch(resource, { namespace, name });
    map.set(key, watched);
    watched.users.add(podUid);
    if (!watched.informer.hasSynced) {
      const timeout = new AbortController();
      const late = this.#options.clock.sleep(FIRST_LIST_TIMEOUT_MS, timeout.signal).then(
        () => "late",
        () => "late",
      );
      const outcome = await Promise.race([watched.informer.whenSynced(), late]);
      timeout.abort();
      if (outcome === "late") {
        throw new PodSourceError(
          `failed to sync ${resource.kind.toLowerCase()} cache: timed out waiting for the condition`,
        );
      }
    }
    return watched.informer.lister.get({ namespace, name });
  }

  #watch<T extends KubeObject>(
    resource: Resource<T>,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ): Watched<T> {
    const { client, clock, random, log } = this.#options;
    const fieldSelector = `metadata.name=${name}`;
    const informer = new SharedInformer<T>({ resource, client, clock, random, log, namespace, fieldSelector });
    const watched: Watched<T> = { informer, users: new Set(), end: new AbortController() };
    informer.subscribe(() => {
      for (const podUid of watched.users) this.#options.onChange(podUid);
    });
    void informer.run(watched.end.signal);
    return watched;
  }
}

/** True when a change of some object can change the pod's files. */
export function hasFileVolumes(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some(({ configMap, secret, projected, downwardAPI }) =>
    Boolean(configMap ?? secret ?? projected ?? downwardAPI),
  );
}
