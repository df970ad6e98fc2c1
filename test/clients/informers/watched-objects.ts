// The objects that informers watch: how they are made and changed, and how one is told in a line, the same by every program.

import { CustomResourceDefinition } from "@atoll/api/apiextensions/custom-resource-definition/kind";
import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ConfigMap } from "@atoll/api/core/config-map/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Secret } from "@atoll/api/core/secret/kind";
import { Service } from "@atoll/api/core/service/kind";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { systemClock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";

export const NAMESPACE = "informers";
const POLL_MS = 100;
/** Counts the writes; what the Go program shows, too. */
export const LABEL = "clients.example.com/number";

const GADGET: Resource = {
  group: "clients.example.com",
  version: "v1",
  kind: "Gadget",
  plural: "gadgets",
  scope: "Namespaced",
};

const template = {
  metadata: { labels: { app: "a" } },
  spec: { containers: [{ name: "c", image: "example.com/c" }], nodeSelector: { "example.com/nowhere": "true" } },
};

/** Nothing here runs, and no controller changes any of it for long. */
export const WATCHED: readonly { readonly resource: Resource; readonly fields: Readonly<Record<string, unknown>> }[] = [
  { resource: ConfigMap, fields: { data: { text: "ä\n€" } } },
  { resource: Secret, fields: { stringData: { password: "p" } } },
  { resource: Pod, fields: { spec: { ...template.spec, terminationGracePeriodSeconds: 0 } } },
  { resource: Service, fields: { spec: { ports: [{ port: 80 }], selector: { app: "a" } } } },
  { resource: Deployment, fields: { spec: { replicas: 0, selector: { matchLabels: { app: "a" } }, template } } },
  { resource: GADGET, fields: { spec: { size: 3 } } },
];

const GADGET_DEFINITION = {
  metadata: { name: "gadgets.clients.example.com" },
  spec: {
    group: "clients.example.com",
    scope: "Namespaced",
    names: { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};

/** The namespace, and the custom resource, which takes a moment to be served. */
export async function makePlace(client: Client, signal: AbortSignal): Promise<void> {
  await client.create(Namespace, { metadata: { name: NAMESPACE }, spec: {} });
  await client.create(CustomResourceDefinition, GADGET_DEFINITION as unknown as CustomResourceDefinition); // as it is read from a file
  for (;;) {
    try {
      await client.list(GADGET, { namespace: NAMESPACE });
      return;
    } catch {
      await systemClock.sleep(POLL_MS, signal);
    }
  }
}

export interface ObjectFacts {
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export function lineOf({ name, uid, resourceVersion, labels }: ObjectFacts): string {
  return `${name} ${uid} ${resourceVersion} ${labels?.[LABEL] ?? ""}`;
}

/** Lines by plural, as a server has them now. */
export async function listWatched(client: Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { resource } of WATCHED) {
    const { items } = await client.list(resource, { namespace: NAMESPACE });
    found.set(resource.plural, items.map(({ metadata }: KubeObject) => lineOf(metadata)).sort());
  }
  return found;
}
