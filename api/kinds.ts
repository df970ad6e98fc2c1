// Every kind that the API server serves from its store. A kind is one folder of data; this is the one place that lists them.

import { deploymentKind } from "./apps/deployment/kind.ts";
import { replicaSetKind } from "./apps/replica-set/kind.ts";
import { leaseKind } from "./coordination/lease/kind.ts";
import { configMapKind } from "./core/config-map/kind.ts";
import { eventKind } from "./core/event/kind.ts";
import { namespaceKind } from "./core/namespace/kind.ts";
import { nodeKind } from "./core/node/kind.ts";
import { podKind } from "./core/pod/kind.ts";
import { secretKind } from "./core/secret/kind.ts";
import { serviceKind } from "./core/service/kind.ts";
import { serviceAccountKind } from "./core/service-account/kind.ts";
import { imageKind } from "./imagecontroller/image/kind.ts";
import { imageDiskKind } from "./imagecontroller/image-disk/kind.ts";
import type { KindDefinition } from "./kind.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding/kind.ts";
import { clusterRoleKind } from "./rbac/cluster-role/kind.ts";
import { roleBindingKind } from "./rbac/role-binding/kind.ts";
import { roleKind } from "./rbac/role/kind.ts";
import type { KubeObject } from "./resource.ts";

/**
 * Forgets the object's type. A definition's functions only ever get objects that passed the schema named in the same
 * definition, which is what makes the two casts true.
 */
function anyKind<T extends KubeObject>(definition: KindDefinition<T>): KindDefinition {
  return definition as unknown as KindDefinition;
}

export const kinds: readonly KindDefinition[] = [
  anyKind(configMapKind),
  anyKind(eventKind),
  anyKind(namespaceKind),
  anyKind(nodeKind),
  anyKind(podKind),
  anyKind(secretKind),
  anyKind(serviceAccountKind),
  anyKind(serviceKind),
  anyKind(deploymentKind),
  anyKind(replicaSetKind),
  anyKind(leaseKind),
  anyKind(clusterRoleKind),
  anyKind(clusterRoleBindingKind),
  anyKind(roleKind),
  anyKind(roleBindingKind),
  anyKind(imageKind),
  anyKind(imageDiskKind),
];
