// A host changes its own Node, its own Lease and the pods it carries, and nobody else's. Authorization has already let it
// through by kind; here the objects are known.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Lease } from "@atoll/api/coordination/lease/kind";
import { NODE_USER_PREFIX, NODES_GROUP } from "../authentication/authenticator.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

const LEASE_NAMESPACE = "kube-node-lease";

export function nodeRestriction(resources: ResourceTable): AdmissionStep {
  const kinds = { node: resources.of(Node).kind, pod: resources.of(Pod).kind, lease: resources.of(Lease).kind };
  return {
    name: "NodeRestriction",
    validate(request) {
      const { user, kind } = request;
      if (!user.groups.includes(NODES_GROUP)) return;
      const nodeName = user.name.slice(NODE_USER_PREFIX.length);
      if (kind === kinds.node && request.name !== nodeName) {
        throw forbid(
          request,
          `node ${JSON.stringify(nodeName)} is not allowed to modify node ${JSON.stringify(request.name)}`,
        );
      }
      if (kind === kinds.lease && (request.namespace !== LEASE_NAMESPACE || request.name !== nodeName)) {
        throw forbid(
          request,
          `node ${JSON.stringify(nodeName)} may only change the lease of its own name in ${LEASE_NAMESPACE}`,
        );
      }
      if (kind === kinds.pod) checkPod(request, nodeName);
    },
  };
}

function checkPod(request: AdmissionRequest, nodeName: string): void {
  const pod = request.oldObject as Pod | undefined; // the kind is Pod
  if (request.operation === "CREATE") throw forbid(request, "hosts create no pods");
  if (pod?.spec?.nodeName === nodeName) return;
  throw forbid(request, `node ${JSON.stringify(nodeName)} can only change pods with spec.nodeName set to itself`);
}
