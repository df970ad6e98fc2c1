// Discovery: which groups, versions and resources there are. Clients ask for it first and map every word a user types with
// it. All documents follow from the kinds and are made once.

import { createHash } from "node:crypto";
import type { KindDefinition, SubresourceDefinition } from "@atoll/api/kind";
import { type ApiResponse, bytesResponse } from "../request/request.ts";
import { parseAccept } from "../output/output-form.ts";

/** A resource that is answered without being stored: access reviews and the like. */
export interface VirtualResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly verbs: readonly string[];
}

interface Entry {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly SubresourceDefinition[];
}

/** Both forms of one document path: the plain one, and for /api and /apis the aggregated one. */
interface Document {
  readonly plain: Uint8Array;
  readonly aggregated?: { readonly bytes: Uint8Array; readonly etag: string };
}

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export class Discovery {
  readonly #documents = new Map<string, Document>();

  constructor(kinds: readonly KindDefinition[], virtual: readonly VirtualResource[], serverAddress: string) {
    const entries = [...kinds.map(entryOfKind), ...virtual.map(entryOfVirtual)];
    const core = entries.filter(({ group }) => group === "");
    const named = entries.filter(({ group }) => group !== "");
    this.#documents.set("/api", {
      plain: encode({
        kind: "APIVersions",
        versions: unique(core.map(({ version }) => version)),
        serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
      }),
      aggregated: aggregate(core),
    });
    this.#documents.set("/apis", {
      plain: encode({ kind: "APIGroupList", apiVersion: "v1", groups: groupsOf(named).map(formatGroup) }),
      aggregated: aggregate(named),
    });
    for (const group of groupsOf(named)) {
      this.#documents.set(`/apis/${group.name}`, {
        plain: encode({ kind: "APIGroup", apiVersion: "v1", ...formatGroup(group) }),
      });
    }
    for (const [groupVersion, members] of Map.groupBy(entries, groupVersionOf)) {
      const path = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      this.#documents.set(path, {
        plain: encode({
          kind: "APIResourceList",
          apiVersion: "v1",
          groupVersion,
          resources: members.flatMap(formatResource),
        }),
      });
    }
  }

  /** Undefined: no such document. */
  respond(path: string, headers: Readonly<Record<string, string | undefined>>): ApiResponse | undefined {
    const document = this.#documents.get(path.endsWith("/") ? path.slice(0, -1) : path);
    if (!document) return undefined;
    const { plain, aggregated } = document;
    if (!aggregated || !wantsAggregated(headers.accept)) return bytesResponse(200, plain);
    const answerHeaders = { "content-type": AGGREGATED_TYPE, etag: aggregated.etag, vary: "Accept" };
    if (headers["if-none-match"] === aggregated.etag)
      return { status: 304, headers: answerHeaders, body: new Uint8Array(0) };
    return { status: 200, headers: answerHeaders, body: aggregated.bytes };
  }
}

function wantsAggregated(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept ?? "")) {
    if (type !== "application/json") continue;
    if (parameters.get("as") === undefined) return false;
    if (parameters.get("as") === "APIGroupDiscoveryList" && parameters.get("v") === "v2") return true;
  }
  return false;
}

function entryOfKind(kind: KindDefinition): Entry {
  const { group, version, kind: name, plural, scope } = kind.resource;
  const { singular, verbs, shortNames, categories, subresources } = kind;
  return { group, version, kind: name, plural, scope, singular, verbs, shortNames, categories, subresources };
}

function entryOfVirtual(resource: VirtualResource): Entry {
  return { ...resource, shortNames: [], categories: [], subresources: [] };
}

interface Group {
  readonly name: string;
  readonly versions: readonly string[];
}

function groupsOf(entries: readonly Entry[]): Group[] {
  return [...Map.groupBy(entries, ({ group }) => group)].map(([name, members]) => ({
    name,
    versions: unique(members.map(({ version }) => version)),
  }));
}

function formatGroup({ name, versions }: Group) {
  const formatted = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: formatted, preferredVersion: formatted[0] };
}

function groupVersionOf({ group, version }: Pick<Entry, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

function formatResource(entry: Entry): unknown[] {
  const own = {
    name: entry.plural,
    singularName: entry.singular,
    namespaced: entry.scope === "Namespaced",
    kind: entry.kind,
    verbs: entry.verbs,
    ...(entry.shortNames.length > 0 ? { shortNames: entry.shortNames } : {}),
    ...(entry.categories.length > 0 ? { categories: entry.categories } : {}),
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

/** "connect" is our word; clients are told the methods it takes. */
function connectVerbs({ name, verbs }: SubresourceDefinition): readonly string[] {
  if (!verbs.includes("connect")) return verbs;
  return name === "proxy" ? ["create", "delete", "get", "patch", "update"] : ["create", "get"];
}

function aggregate(entries: readonly Entry[]): { bytes: Uint8Array; etag: string } {
  const items = groupsOf(entries).map(({ name, versions }) => ({
    metadata: { ...(name === "" ? {} : { name }), creationTimestamp: null },
    versions: versions.map((version) => ({
      version,
      resources: entries.filter((entry) => entry.group === name && entry.version === version).map(aggregateResource),
      freshness: "Current",
    })),
  }));
  const bytes = encode({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items });
  return { bytes, etag: `"${createHash("sha256").update(bytes).digest("hex").toUpperCase()}"` };
}

function aggregateResource(entry: Entry): unknown {
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
              group: subresource.group ?? entry.group,
              version: subresource.version ?? entry.version,
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

function encode(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
