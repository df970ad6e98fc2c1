// Which resources show the same objects: all versions of a kind, and kinds of other groups that are kept in its place.
// Whoever writes a rule for one of them usually means the objects, not the name.

import type { KindDefinition } from "@atoll/api/kind";
import type { ResourceStore } from "../../registry/resource-store.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";

export class ResourceEquivalents {
  readonly #resources: ResourceTable;
  #generation = -1;
  #byKind = new Map<KindDefinition, readonly ResourceStore[]>();

  constructor(resources: ResourceTable) {
    this.#resources = resources;
  }

  /** Its own store among them, in the order in which versions are served. Empty for a kind that is served no more. */
  of(kind: KindDefinition): readonly ResourceStore[] {
    if (this.#generation !== this.#resources.generation) this.#refresh();
    return this.#byKind.get(kind) ?? [];
  }

  #refresh(): void {
    this.#generation = this.#resources.generation;
    this.#byKind = new Map();
    for (const stores of Map.groupBy(this.#resources.all(), ({ prefix }) => prefix).values()) {
      for (const { kind } of stores) this.#byKind.set(kind, stores);
    }
  }
}
