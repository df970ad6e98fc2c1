import type { KindDefinition } from "@atoll/api/kind";
import { type KubeObject, qualifiedPlural, type Resource } from "@atoll/api/resource";
import { assert } from "@atoll/base/errors";
import type { ResourceStore } from "./resource-store.ts";

/** Every kind this server stores, by the name it has in paths. */
export class ResourceTable {
  readonly #byPath = new Map<string, ResourceStore>();
  #generation = 0;

  constructor(stores: readonly ResourceStore[]) {
    this.replace([], stores);
  }

  /** Another number whenever kinds have come or gone: what follows from them must be made again. */
  get generation(): number {
    return this.#generation;
  }

  replace(old: readonly ResourceStore[], stores: readonly ResourceStore[]): void {
    for (const store of old) this.#byPath.delete(pathOf(store));
    for (const store of stores) {
      const path = pathOf(store);
      assert(!this.#byPath.has(path), `Two kinds are served as "${path}"`);
      this.#byPath.set(path, store);
    }
    this.#generation += 1;
  }

  find(group: string, version: string, plural: string): ResourceStore | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** The store of a kind the server itself needs; throws when it is not served. */
  of<T extends KubeObject>(resource: Resource<T>): ResourceStore {
    const found = this.find(resource.group, resource.version, resource.plural);
    assert(found, `"${qualifiedPlural(resource)}" is not served`);
    return found;
  }

  all(): readonly ResourceStore[] {
    return [...this.#byPath.values()];
  }

  kinds(): readonly KindDefinition[] {
    return this.all().map((store) => store.kind);
  }
}

function pathOf({ kind: { resource } }: ResourceStore): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}
