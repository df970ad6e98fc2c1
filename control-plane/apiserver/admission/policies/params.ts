// The objects that a binding gives its policy as parameters: of any kind that is served, by name or by label.

import type { ParamKind, ParamRef } from "@atoll/api/generated/types";
import { apiVersionOf, type KubeObject } from "@atoll/api/resource";
import { matchesLabels, requirementsOf } from "@atoll/machinery/object/label-selector";
import type { ResourceStore } from "../../registry/resource-store.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import { withTypeFields } from "../expressions/request-variables.ts";

/** The binding cannot be used; the policy's failure policy says what follows. */
export class ConfigurationError extends Error {}

export class ParamFinder {
  readonly #resources: ResourceTable;
  #generation = -1;
  #byKind = new Map<string, ResourceStore>();

  constructor(resources: ResourceTable) {
    this.#resources = resources;
  }

  /** Undefined in the list: without parameters. An empty list: none were found, and that is fine. Throws ConfigurationError. */
  async find(
    kind: ParamKind | undefined,
    ref: ParamRef | undefined,
    namespace: string,
  ): Promise<readonly (KubeObject | undefined)[]> {
    if (!kind || !ref) return [undefined];
    const store = this.#storeOf(kind);
    const place = namespaceOf(store, ref, namespace);
    const found = ref.name ? await findByName(store, place, ref.name) : findBySelector(store, place, ref);
    if (found.length === 0 && ref.parameterNotFoundAction === "Deny") {
      throw new ConfigurationError("no params found for policy binding with `Deny` parameterNotFoundAction");
    }
    return found.map((object) => withTypeFields(object, store.kind.resource));
  }

  #storeOf({ apiVersion = "", kind = "" }: ParamKind): ResourceStore {
    if (this.#generation !== this.#resources.generation) {
      this.#generation = this.#resources.generation;
      this.#byKind = new Map(
        this.#resources.all().map((store) => {
          const { resource } = store.kind;
          return [`${apiVersionOf(resource)} ${resource.kind}`, store];
        }),
      );
    }
    const store = this.#byKind.get(`${apiVersion} ${kind}`);
    if (store) return store;
    const shown = `&ParamKind{APIVersion:${apiVersion},Kind:${kind},}`;
    throw new ConfigurationError(`failed to find resource referenced by paramKind: '${shown}'`);
  }
}

function namespaceOf({ kind }: ResourceStore, ref: ParamRef, namespace: string): string {
  if (kind.resource.scope === "Cluster") {
    if (!ref.namespace) return "";
    throw new ConfigurationError("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  const place = ref.namespace ? ref.namespace : namespace;
  if (place !== "") return place;
  throw new ConfigurationError(
    "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
  );
}

async function findByName(store: ResourceStore, namespace: string, name: string): Promise<KubeObject[]> {
  const key = store.keyOf(namespace, name);
  const stored = store.peek(key) ?? (await store.get(key));
  return stored ? [stored.object] : [];
}

function findBySelector(store: ResourceStore, namespace: string, { selector = {} }: ParamRef): KubeObject[] {
  const requirements = requirementsOf(selector);
  const { items } = store.rangeCached(store.rangeOf(namespace), 0);
  return items
    .filter(({ isReadable }) => isReadable)
    .map(({ object }) => object)
    .filter(({ metadata }) => matchesLabels(requirements, metadata.labels));
}
