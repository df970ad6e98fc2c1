// Lets kinds come and go with their CustomResourceDefinitions. It follows the definitions as everything that keeps an index
// does: whoever answers a request brings it up to date first, so that no answer is older than the definition it depends on.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { hasCondition } from "@atoll/api/apiextensions/custom-resource-definition/lifecycle";
import type { KindDefinition } from "@atoll/api/kind";
import { apiVersionOf } from "@atoll/api/resource";
import type { Schema, SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Store } from "../../store/store.ts";
import type { StoreFeed } from "../../store/watch-cache/store-feed.ts";
import { ObjectFollower } from "../registry/object-follower.ts";
import type { StoreMetrics } from "../metrics/store-metrics.ts";
import { ResourceStore } from "../registry/resource-store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { Encryption } from "../registry/value-cipher.ts";
import { customStoragePrefix } from "../registry/storage-keys.ts";
import { type ConvertObject, convertByStoredForm } from "../admission/matching/object-versions.ts";
import type { ConvertObjects } from "../registry/converting-codec.ts";
import { type ConversionCalls, conversionWebhook } from "./conversion-webhook.ts";
import { customKind, customResource, schemaOfVersion } from "./custom-kind.ts";
import { type CustomScale, replicasPathsOf } from "./custom-scale.ts";
import { customDefinitions } from "./schema-definitions.ts";

/** What is beside the kind of a served version. */
export interface CustomVersion {
  readonly model: SchemaModel;
  readonly scale: CustomScale | undefined;
  /** Sent with every answer; undefined: the version is not deprecated. */
  readonly deprecation: string | undefined;
}

interface Served {
  /** Of all that decides how it is served. */
  readonly fingerprint: string;
  readonly stores: readonly ResourceStore[];
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly stop: AbortController;
  readonly running: Promise<unknown>;
}

export interface CustomResourcesOptions {
  readonly calls: ConversionCalls;
  readonly resources: ResourceTable;
  readonly model: SchemaModel;
  readonly store: Store;
  readonly feed: StoreFeed;
  readonly encryption: Encryption | undefined;
  readonly metrics: StoreMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

export class CustomResources implements AsyncDisposable {
  readonly #options: CustomResourcesOptions;
  readonly #follower: ObjectFollower<CustomResourceDefinition>;
  readonly #definitions = new Map<string, CustomResourceDefinition>();
  readonly #changed = new Set<string>();
  readonly #served = new Map<string, Served>();
  readonly #versions = new WeakMap<ResourceStore, CustomVersion>();
  /** Of the kinds whose versions others convert. */
  readonly #converters = new WeakMap<KindDefinition, ConvertObjects>();
  #settling: Promise<void> | undefined;
  #model: SchemaModel;
  /** Of all that is being followed. */
  readonly #stops = new Set<AbortController>();
  #isClosed = false;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
    this.#model = options.model;
    const change = (name: string) => this.#changed.add(name);
    this.#follower = new ObjectFollower(options.resources, CustomResourceDefinition, {
      clear: () => {
        for (const name of [...this.#definitions.keys(), ...this.#served.keys()]) change(name);
        this.#definitions.clear();
      },
      add: (definition) => {
        const name = definition.metadata.name ?? "";
        this.#definitions.set(name, definition);
        change(name);
      },
      remove: ({ metadata: { name = "" } }) => {
        this.#definitions.delete(name);
        change(name);
      },
    });
  }

  /** The built-in definitions and those of all custom resources. */
  get model(): SchemaModel {
    return this.#model;
  }

  /** Undefined for a built-in kind. */
  versionOf(store: ResourceStore): CustomVersion | undefined {
    return this.#versions.get(store);
  }

  /** Between versions of a custom resource, and kinds that are converted without asking anybody. */
  readonly convert: ConvertObject = async (object, from, to) => {
    const byOthers = this.#converters.get(to);
    if (!byOthers) return convertByStoredForm(object, from, to);
    const [converted = object] = await byOthers([object], apiVersionOf(to.resource));
    return to.storedAs?.fromStored(converted) ?? converted;
  };

  /** Undefined when the table shows what the cache does; else to be awaited. */
  refresh(): Promise<void> | undefined {
    this.#follower.pull();
    if (this.#changed.size > 0 && !this.#isClosed) {
      this.#settling ??= this.#settle().finally(() => {
        this.#settling = undefined;
      });
    }
    return this.#settling;
  }

  /** As `refresh`, with every definition that was acknowledged before. */
  async refreshNewest(): Promise<void> {
    await this.#follower.pullNewest();
    await this.refresh();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop.abort();
    await this.#settling;
    await Promise.all([...this.#served.values()].map(({ running }) => running));
  }

  async #settle(): Promise<void> {
    for (const name of this.#changed) {
      this.#changed.delete(name);
      try {
        await this.#serve(name);
      } catch (error) {
        // One definition nobody can serve must not keep the others from being served.
        if (!this.#isClosed) this.#options.log.error("cannot serve custom resource", { name, error });
      }
    }
  }

  async #serve(name: string): Promise<void> {
    const { resources, log } = this.#options;
    const definition = this.#definitions.get(name);
    const old = this.#served.get(name);
    const fingerprint = definition && fingerprintOf(definition);
    if (fingerprint === old?.fingerprint) return;
    const served = definition && fingerprint !== undefined ? await this.#open(definition, fingerprint) : undefined;
    resources.replace(old?.stores ?? [], served?.stores ?? []);
    if (served) this.#served.set(name, served);
    else this.#served.delete(name);
    this.#joinModel();
    if (old) {
      old.stop.abort();
      this.#stops.delete(old.stop);
      await old.running;
    }
    log.info("Custom resource is served as its definition says", { name, isServed: served !== undefined });
  }

  async #open(definition: CustomResourceDefinition, fingerprint: string): Promise<Served> {
    const { store, feed, encryption, metrics, model, clock, log, resources } = this.#options;
    const { spec } = definition;
    const stop = new AbortController();
    const definitions: Record<string, Schema> = {};
    const stores: ResourceStore[] = [];
    const convert = conversionWebhook(definition, this.#options.calls);
    for (const version of spec.versions.filter((candidate) => candidate.served)) {
      const resource = customResource(definition, version.name);
      // What is built in stays what it is.
      if (isBuiltIn(resources, this.#versions, resource)) continue;
      const listKind = spec.names.listKind ?? `${resource.kind}List`;
      const own = customDefinitions({ ...resource, listKind }, schemaOfVersion(version), {
        model,
        selectableFields: version.selectableFields?.map(({ jsonPath }) => jsonPath),
      });
      Object.assign(definitions, own);
      const kind = customKind(definition, version, model);
      if (convert) this.#converters.set(kind, convert);
      const opened = new ResourceStore({
        kind,
        convert,
        prefix: customStoragePrefix(resource),
        store,
        feed,
        encryption,
        metrics,
        clock,
        log,
      });
      stores.push(opened);
      const { scale } = version.subresources ?? {};
      this.#versions.set(opened, {
        model: { definitions: { ...model.definitions, ...own } },
        scale: scale && { fields: scale, paths: replicasPathsOf(definition) },
        deprecation: version.deprecated
          ? version.deprecationWarning || `${resource.group}/${resource.version} ${resource.kind} is deprecated`
          : undefined,
      });
    }
    const running = Promise.all(stores.map((opened) => opened.run(stop.signal)));
    this.#stops.add(stop);
    await Promise.all(stores.map((opened) => opened.waitUntilReady(stop.signal)));
    return { fingerprint, stores, definitions, stop, running };
  }

  #joinModel(): void {
    const own = [...this.#served.values()].map(({ definitions }) => definitions);
    this.#model =
      own.length === 0
        ? this.#options.model
        : { definitions: Object.assign({}, this.#options.model.definitions, ...own) };
  }
}

function isBuiltIn(
  resources: ResourceTable,
  versions: WeakMap<ResourceStore, CustomVersion>,
  { group, version, plural }: { readonly group: string; readonly version: string; readonly plural: string },
): boolean {
  const found = resources.find(group, version, plural);
  return found !== undefined && !versions.has(found);
}

/** Undefined: it is not to be served. */
function fingerprintOf(definition: CustomResourceDefinition): string | undefined {
  if (!hasCondition(definition, "Established")) return undefined;
  const { spec, status, metadata } = definition;
  return JSON.stringify([metadata.uid, metadata.deletionTimestamp !== undefined, spec, status?.acceptedNames]);
}
