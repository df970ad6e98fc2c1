// Discovery: which groups, versions and resources there are. Clients ask for it first and map every word a user types with
// it. All documents follow from the kinds and are made once.

import { tableOf } from "@atoll/base/table-of";
import { createHash } from "node:crypto";
import { DISCOVERY, META } from "@atoll/api/facts/unpublished";
import type { KindDefinition, SubresourceDefinition, Verb } from "@atoll/api/kind";
import { compareVersions } from "@atoll/api/meta/version-order";
import type { SchemaModel } from "@atoll/api/schema";
import { type Encoding, MEDIA_TYPES, readDiscoveryForm } from "../output/output-form.ts";
import { encodeValue } from "../output/values.ts";
import { type ApiResponse, bytesResponse, EMPTY_BODY } from "../request/request.ts";

/** A resource that is answered without being stored: access reviews and the like. */
export interface VirtualResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly shortNames?: readonly string[];
  readonly verbs: readonly Verb[];
}

/** Other servers have verbs of their own. */
type DiscoverySubresource = Omit<SubresourceDefinition, "verbs"> & { readonly verbs: readonly string[] };

export interface DiscoveryEntry {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly DiscoverySubresource[];
  /** Of what is stored here: as what. */
  readonly storedAs?: { readonly group: string; readonly version: string; readonly kind: string };
}

/** One value, encoded for the first client that wants it so. */
class Document {
  readonly #value: object;
  readonly #schema: string;
  readonly #model: SchemaModel;
  readonly #encoded = new Map<Encoding, { readonly bytes: Uint8Array; readonly etag: string }>();

  constructor(value: object, schema: string, model: SchemaModel) {
    this.#value = value;
    this.#schema = schema;
    this.#model = model;
  }

  encode(encoding: Encoding): { readonly bytes: Uint8Array; readonly etag: string } {
    let encoded = this.#encoded.get(encoding);
    if (!encoded) {
      const bytes = encodeValue(this.#value, encoding, { model: this.#model, schema: this.#schema });
      encoded = { bytes, etag: `"${createHash("sha256").update(bytes).digest("hex").toUpperCase()}"` };
      this.#encoded.set(encoding, encoded);
    }
    return encoded;
  }
}

/** What follows the media type of a document that has all groups in it. */
const AGGREGATED_PARAMETERS = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export interface DiscoveryOptions {
  readonly kinds: readonly KindDefinition[];
  readonly virtual: readonly VirtualResource[];
  /** What other servers have. */
  readonly remote: readonly DiscoveryEntry[];
  readonly serverAddress: string;
  readonly model: SchemaModel;
}

export class Discovery {
  readonly #plain = new Map<string, Document>();
  readonly #aggregated = new Map<string, Document>();

  constructor({ kinds, virtual, remote, serverAddress, model }: DiscoveryOptions) {
    const document = (kind: string, value: object) => new Document({ kind, ...value }, `${META}.${kind}`, model);
    const aggregate = (members: readonly DiscoveryEntry[]) =>
      new Document(aggregateEntries(members), `${DISCOVERY}.APIGroupDiscoveryList`, model);
    const own = [...kinds.map(entryOfKind), ...virtual.map(entryOfVirtual)];
    const taken = new Set(remote.map(groupVersionOf));
    const entries = [...own.filter((entry) => !taken.has(groupVersionOf(entry))), ...remote];
    const core = entries.filter(({ group }) => group === "");
    const named = entries.filter(({ group }) => group !== "");
    this.#aggregated.set("/api", aggregate(core)).set("/apis", aggregate(named));
    const versions = unique(core.map(({ version }) => version));
    const serverAddressByClientCIDRs = [{ clientCIDR: "0.0.0.0/0", serverAddress }];
    this.#plain.set("/api", document("APIVersions", { versions, serverAddressByClientCIDRs }));
    const groups = groupsOf(named).map(formatGroup);
    this.#plain.set("/apis", document("APIGroupList", { apiVersion: "v1", groups }));
    for (const group of groups) {
      this.#plain.set(`/apis/${group.name}`, document("APIGroup", { apiVersion: "v1", ...group }));
    }
    for (const [groupVersion, members] of Map.groupBy(entries, groupVersionOf)) {
      const path = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      const resources = members.sort(byPlural).flatMap(formatResource);
      // Upstream's oldest document does not say its own version.
      const apiVersion = path.startsWith("/apis/") ? { apiVersion: "v1" } : {};
      this.#plain.set(path, document("APIResourceList", { ...apiVersion, groupVersion, resources }));
    }
  }

  /** Undefined: no such document. */
  respond(path: string, headers: Readonly<Record<string, string | undefined>>): ApiResponse | undefined {
    const name = path.endsWith("/") ? path.slice(0, -1) : path;
    const plain = this.#plain.get(name);
    if (!plain) return undefined;
    const { encoding, transform } = readDiscoveryForm(headers.accept);
    const type = MEDIA_TYPES[encoding];
    const aggregated = transform && this.#aggregated.get(name);
    if (!aggregated) return bytesResponse(200, plain.encode(encoding).bytes, type);
    const { bytes, etag } = aggregated.encode(encoding);
    const answerHeaders = { "content-type": type + AGGREGATED_PARAMETERS, etag, vary: "Accept" };
    if (headers["if-none-match"] === etag) return { status: 304, headers: answerHeaders, body: EMPTY_BODY };
    return { status: 200, headers: answerHeaders, body: bytes };
  }
}

function entryOfKind(kind: KindDefinition): DiscoveryEntry {
  const { group, version, kind: name, plural, scope } = kind.resource;
  const { singular, verbs, shortNames, categories } = kind;
  const subresources = [...kind.subresources].sort((left, right) => (left.name < right.name ? -1 : 1));
  const storedAs = kind.storedAs?.resource ?? kind.resource;
  return { group, version, kind: name, plural, scope, singular, verbs, shortNames, categories, subresources, storedAs };
}

function byPlural(left: DiscoveryEntry, right: DiscoveryEntry): number {
  return left.plural < right.plural ? -1 : 1;
}

function entryOfVirtual(resource: VirtualResource): DiscoveryEntry {
  const { group, version, kind, plural, singular, scope, verbs, shortNames = [] } = resource;
  return { group, version, kind, plural, singular, scope, verbs, shortNames, categories: [], subresources: [] };
}

interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

function groupsOf(entries: readonly DiscoveryEntry[]): Group[] {
  return [...Map.groupBy(entries, ({ group }) => group)].map(([name, members]) => ({
    name,
    // Clients that are not told a version take the first.
    versions: unique(members.map(({ version }) => version)).sort(compareVersions),
  }));
}

function formatGroup({ name, versions }: Group) {
  const formatted = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: formatted, preferredVersion: formatted[0] };
}

function groupVersionOf({ group, version }: Pick<DiscoveryEntry, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

function formatResource(entry: DiscoveryEntry): unknown[] {
  const own = {
    name: entry.plural,
    singularName: entry.singular,
    namespaced: entry.scope === "Namespaced",
    kind: entry.kind,
    verbs: entry.verbs,
    ...(entry.shortNames.length > 0 ? { shortNames: entry.shortNames } : {}),
    ...(entry.categories.length > 0 ? { categories: entry.categories } : {}),
    ...(entry.storedAs ? { storageVersionHash: storageVersionHash(entry.storedAs) } : {}),
  };
  const subresources = entry.subresources.map((subresource) => ({
    name: `${entry.plural}/${subresource.name}`,
    singularName: "",
    namespaced: entry.scope === "Namespaced",
    ...(subresource.group === undefined ? {} : { group: subresource.group }),
    ...(subresource.version === undefined ? {} : { version: subresource.version }),
    kind: subresource.kind ?? entry.kind,
    verbs: connectVerbs(subresource),
  }));
  return [own, ...subresources];
}

/** Upstream has never told its clients that it stores these as v1 now. */
const STORED_AS_BEFORE: Readonly<Record<string, string>> = tableOf({
  "apiextensions.k8s.io/v1/CustomResourceDefinition": "apiextensions.k8s.io/v1beta1/CustomResourceDefinition",
});

/** By which a client sees that objects are stored in another version than before. */
function storageVersionHash({ group, version, kind }: NonNullable<DiscoveryEntry["storedAs"]>): string {
  const name = `${group}/${version}/${kind}`;
  return createHash("sha256")
    .update(STORED_AS_BEFORE[name] ?? name)
    .digest()
    .subarray(0, 8)
    .toString("base64");
}

/** "connect" is our word; clients are told the methods it takes. */
function connectVerbs({ name, verbs }: DiscoverySubresource): readonly string[] {
  if (!verbs.includes("connect")) return verbs;
  return name === "proxy" ? ["create", "delete", "get", "patch", "update"] : ["create", "get"];
}

function aggregateEntries(entries: readonly DiscoveryEntry[]): object {
  const items = groupsOf(entries).map(({ name, versions }) => ({
    metadata: { ...(name === "" ? {} : { name }), creationTimestamp: null },
    versions: versions.map((version) => ({
      version,
      resources: entries
        .filter((entry) => entry.group === name && entry.version === version)
        .sort(byPlural)
        .map(aggregateResource),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregateResource(entry: DiscoveryEntry): unknown {
  return {
    resource: entry.plural,
    responseKind: { group: entry.group, version: entry.version, kind: entry.kind },
    scope: entry.scope === "Namespaced" ? "Namespaced" : "Cluster",
    singularResource: entry.singular,
    verbs: entry.verbs,
    ...(entry.shortNames.length > 0 ? { shortNames: entry.shortNames } : {}),
    ...(entry.categories.length > 0 ? { categories: entry.categories } : {}),
    ...(entry.subresources.length > 0
      ? {
          subresources: entry.subresources.map((subresource) => ({
            subresource: subresource.name,
            responseKind: {
              // Where it is the resource's own kind, upstream names the kind alone.
              group: subresource.group ?? "",
              version: subresource.version ?? "",
              kind: subresource.kind ?? entry.kind,
            },
            verbs: connectVerbs(subresource),
          })),
        }
      : {}),
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
