// A host changes its own Node, its own Lease, the pods it carries and the images it pulls, and nobody else's. Authorization
// has already let it through by kind; here the objects are known.

import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { Lease } from "@atoll/api/coordination/lease/kind";
import { Image } from "@atoll/api/imagecontroller/image/kind";
import { ImageDisk } from "@atoll/api/imagecontroller/image-disk/kind";
import type { KindDefinition } from "@atoll/api/kind";
import { isEqualJson } from "@atoll/api/meta/field-error";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { nodeNameOf } from "../authorization/nodes/node-identity.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

const LEASE_NAMESPACE = "kube-node-lease";

export function nodeRestriction(resources: ResourceTable): AdmissionStep {
  const checks = new Map<KindDefinition, (request: AdmissionRequest, node: string) => void>();
  const check = <T extends KubeObject>(resource: Resource<T>, by: (request: AdmissionRequest, node: string) => void) =>
    checks.set(resources.of(resource).kind, by);
  check(Node, checkNode);
  check(Pod, checkPod);
  check(Lease, checkLease);
  check(Image, checkImage);
  check(ImageDisk, checkImageDisk);
  return {
    name: "NodeRestriction",
    validate(request) {
      const node = nodeNameOf(request.user);
      if (node === undefined) return;
      if (node === "") {
        throw forbid(request, `could not determine node from user ${JSON.stringify(request.user.name)}`);
      }
      checks.get(request.kind)?.(request, node);
    },
  };
}

function checkNode(request: AdmissionRequest, node: string): void {
  const { name, operation } = request;
  const quoted = JSON.stringify(node);
  if (name !== node) throw forbid(request, `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`);
  const object = request.object as Node | undefined; // the kind is Node
  const old = request.oldObject as Node | undefined; // likewise
  if (!object) return;
  const labels = forbiddenLabels(object.metadata.labels, old?.metadata.labels);
  if (operation === "CREATE") {
    if (labels.length === 0) return;
    throw forbid(request, `node ${quoted} is not allowed to set the following labels: ${labels.join(", ")}`);
  }
  // Taints and labels steer pods: a host must not draw them to itself.
  if (!isEqualJson(object.spec?.taints ?? [], old?.spec?.taints ?? [])) {
    throw forbid(request, `node ${quoted} is not allowed to modify taints`);
  }
  if (!isEqualJson(object.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? [])) {
    throw forbid(request, `node ${quoted} is not allowed to modify ownerReferences`);
  }
  if (labels.length > 0) throw forbid(request, `is not allowed to modify labels: ${labels.join(", ")}`);
}

type Labels = Readonly<Record<string, string>>;

function forbiddenLabels(labels: Labels = {}, old: Labels = {}): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)]);
  return [...keys].filter((key) => labels[key] !== old[key] && !isHostLabel(key)).sort();
}

const KUBERNETES_DOMAINS = ["kubernetes.io", "k8s.io"];
const RESTRICTED_DOMAIN = "node-restriction.kubernetes.io";
const HOST_DOMAINS = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const HOST_LABELS: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
]);

/** Labels of Kubernetes' own domains that say how a host is made are the host's; all others there are the administrator's. */
function isHostLabel(key: string): boolean {
  const domain = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const isIn = (parent: string) => domain === parent || domain.endsWith(`.${parent}`);
  if (isIn(RESTRICTED_DOMAIN)) return false;
  return !KUBERNETES_DOMAINS.some(isIn) || HOST_LABELS.has(key) || HOST_DOMAINS.some(isIn);
}

function checkPod(request: AdmissionRequest, node: string): void {
  const { operation, subresource } = request;
  const quoted = JSON.stringify(node);
  // Static pods do not exist here, so there are no mirrors of them for a host to make.
  if (operation === "CREATE" && subresource === "") throw forbid(request, "hosts create no pods");
  const pod = request.object as Pod | undefined; // the kind is Pod
  const old = request.oldObject as Pod | undefined; // likewise
  const isOwn = old?.spec?.nodeName === node;
  if (operation === "DELETE") {
    if (!isOwn) throw forbid(request, `node ${quoted} can only delete pods with spec.nodeName set to itself`);
    return;
  }
  if (subresource !== "status") {
    throw forbid(request, `unexpected operation ${JSON.stringify(operation)}, node ${quoted} can only delete pods`);
  }
  if (!isOwn)
    throw forbid(request, `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`);
  if (!isEqualJson(pod?.metadata.labels ?? {}, old.metadata.labels ?? {})) {
    throw forbid(request, `node ${quoted} cannot update labels through pod status`);
  }
  if (!isEqualJson(pod?.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? [])) {
    throw forbid(request, `node ${quoted} cannot update resource claim statues`);
  }
}

function checkLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== LEASE_NAMESPACE) {
    throw forbid(request, `can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`);
  }
  if (request.name !== node)
    throw forbid(request, "can only access node lease with the same name as the requesting node");
}

function checkImage(request: AdmissionRequest, node: string): void {
  const image = request.oldObject as Image | undefined; // the kind is Image
  if (image?.spec?.hostName === node) return;
  throw forbid(request, `node ${JSON.stringify(node)} can only change images with spec.hostName set to itself`);
}

/** A disk belongs to the host that names itself in it; one that never became ready may be made good by any. */
function checkImageDisk(request: AdmissionRequest, node: string): void {
  const disk = (request.oldObject ?? request.object) as ImageDisk | undefined; // the kind is ImageDisk
  if (disk?.spec?.hostName === node) return;
  if (request.operation === "UPDATE" && disk?.status?.phase !== "Ready") return;
  throw forbid(request, `node ${JSON.stringify(node)} can only change image disks with spec.hostName set to itself`);
}
