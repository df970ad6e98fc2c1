import type { KindDefinition } from "@atoll/api/kind";
import { type KubeObject, qualifiedPlural, type Resource } from "@atoll/api/resource";
import { assert } from "@atoll/base/errors";
import type { ResourceStore } from "./resource-store.ts";

/** Every kind this server stores, by the name it has in paths. */
export class ResourceTable {
  readonly #byPath = new Map<string, ResourceStore>();

  constructor(stores: readonly ResourceStore[]) {
    for (const store of stores) {
      const { group, version, plural } = store.kind.resource;
      const path = `${group}/${version}/${plural}`;
      assert(!this.#byPath.has(path), `Two kinds are served as "${path}"`);
      this.#byPath.set(path, store);
    }
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
