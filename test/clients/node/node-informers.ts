// Informers of the client library for Node, used as its documentation has it: one that ends with an error is started again.

import { KubeConfig, type KubernetesObject, KubernetesObjectApi, ListWatch, Watch } from "@kubernetes/client-node";
import { apiVersionOf } from "@atoll/api/resource";
import type { Informed, InformedReport } from "../informers/informed.ts";
import { lineOf, NAMESPACE, WATCHED } from "../informers/watched-objects.ts";

const RESTART_MS = 200;

/** Counts what the library keeps to itself. */
class CountingWatch extends Watch {
  expired = 0;

  override watch(...[path, query, callback, done]: Parameters<Watch["watch"]>): ReturnType<Watch["watch"]> {
    const note = (fault: { readonly code?: number; readonly statusCode?: number } | null | undefined) => {
      if (fault?.code === 410 || fault?.statusCode === 410) this.expired += 1;
    };
    return super.watch(
      path,
      query,
      (phase, object, whole) => {
        if (phase === "ERROR") note(object);
        callback(phase, object, whole);
      },
      (error) => {
        note(error);
        done(error);
      },
    );
  }
}

export class NodeInformers implements Informed {
  readonly name = "client-node";
  readonly #watch: CountingWatch;
  readonly #informers = new Map<string, ListWatch<KubernetesObject>>();
  #lists = 0;
  #errors = 0;
  #isStopped = false;

  static async start(kubeconfig: string): Promise<NodeInformers> {
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    const informers = new NodeInformers(config);
    await Promise.all([...informers.#informers.values()].map((informer) => informer.start()));
    return informers;
  }

  private constructor(config: KubeConfig) {
    this.#watch = new CountingWatch(config);
    const api = KubernetesObjectApi.makeApiClient(config);
    for (const { resource } of WATCHED) {
      const base = resource.group === "" ? "/api" : "/apis";
      const path = `${base}/${apiVersionOf(resource)}/namespaces/${NAMESPACE}/${resource.plural}`;
      const list = () => {
        this.#lists += 1;
        return api.list(apiVersionOf(resource), resource.kind, NAMESPACE);
      };
      const informer = new ListWatch<KubernetesObject>(path, this.#watch, list, false);
      informer.on("error", () => {
        this.#errors += 1;
        setTimeout(() => {
          if (!this.#isStopped) void informer.start();
        }, RESTART_MS);
      });
      this.#informers.set(`node ${resource.plural}`, informer);
    }
  }

  async describe(): Promise<InformedReport> {
    const objects = Object.fromEntries(
      [...this.#informers].map(([name, informer]) => [
        name,
        informer
          .list(NAMESPACE)
          .map(({ metadata = {} }) => lineOf(metadata))
          .sort(),
      ]),
    );
    return { objects, expired: this.#watch.expired, lists: this.#lists, notes: `${this.#errors} errors` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()));
  }
}
