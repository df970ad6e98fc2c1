// What a host may do: what every host does, by fixed rules, and reading those objects that its own pods refer to. Whose
// object it changes is checked where the object is known, in admission (`admission/node-restriction.ts`).

import { HOST_SETTINGS_NAME, HOST_SETTINGS_NAMESPACE } from "@atoll/api/config/host-settings";
import type { User } from "../../request/request.ts";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import { clusterRoles } from "../bootstrap/cluster-roles.ts";
import { rule } from "../bootstrap/notation.ts";
import { CompiledRules } from "../roles/compiled-rules.ts";
import type { NodeGraph } from "./node-graph.ts";
import { nodeNameOf } from "./node-identity.ts";
import { objectKey } from "./pod-references.ts";

const ALLOW: Decision = { type: "allow" };
const NO_OPINION: Decision = { type: "no-opinion" };

const LEASE_NAMESPACE = "kube-node-lease";

/** Beyond what every Kubernetes node may: the images that hosts pull for each other. */
const IMAGE_RULES = [
  rule("get list watch", "imagecontroller.vmware.com", "images imagedisks"),
  rule("create", "imagecontroller.vmware.com", "imagedisks"),
  rule("get update patch", "imagecontroller.vmware.com", "images/status imagedisks/status"),
];

const FIXED_RULES = new CompiledRules([
  ...clusterRoles.filter(({ name }) => name === "system:node").flatMap(({ rules }) => rules),
  ...IMAGE_RULES,
]);

export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph;

  constructor(graph: NodeGraph) {
    this.#graph = graph;
  }

  authorize(user: User, attributes: Attributes): Decision | Promise<Decision> {
    const node = nodeNameOf(user);
    if (node === undefined) return NO_OPINION;
    if (node === "") return refuse(`unknown node for user ${JSON.stringify(user.name)}`);
    if (!attributes.isResourceRequest) return NO_OPINION;
    switch (`${attributes.group}/${attributes.resource}`) {
      case "/secrets":
      case "/configmaps":
        return this.#readNamespaced(node, attributes);
      case "/persistentvolumeclaims":
        return attributes.subresource === "status" ? this.#writeStatus(node, attributes) : this.#get(node, attributes);
      case "/persistentvolumes":
      case "resource.k8s.io/resourceclaims":
      case "storage.k8s.io/volumeattachments":
        return this.#get(node, attributes);
      case "/serviceaccounts":
        return this.#serviceAccount(node, attributes);
      case "coordination.k8s.io/leases":
        return lease(node, attributes);
      case "storage.k8s.io/csinodes":
        return ownObject(node, attributes);
      case "/nodes":
        return nodes(node, attributes);
      case "/pods":
        return this.#pods(node, attributes);
      default:
        return FIXED_RULES.allow(attributes) ? ALLOW : NO_OPINION;
    }
  }

  #readNamespaced(node: string, attributes: Attributes): Decision | Promise<Decision> {
    if (!isRead(attributes)) return refuse("can only read resources of this type");
    if (attributes.subresource !== "") return refuse("cannot read subresource");
    if (attributes.namespace === "") return refuse("can only read namespaced object of this type");
    return isHostSettings(attributes) ? ALLOW : this.#related(node, attributes);
  }

  #get(node: string, attributes: Attributes): Decision | Promise<Decision> {
    if (attributes.verb !== "get") return refuse("can only get individual resources of this type");
    if (attributes.subresource !== "") return refuse("cannot get subresource");
    return this.#related(node, attributes);
  }

  #writeStatus(node: string, attributes: Attributes): Decision | Promise<Decision> {
    const isWrite = attributes.verb === "update" || attributes.verb === "patch";
    return isWrite ? this.#related(node, attributes) : refuse("can only get/update/patch this type");
  }

  #serviceAccount(node: string, attributes: Attributes): Decision | Promise<Decision> {
    const { verb, subresource, name } = attributes;
    if (verb === "get" && subresource === "") return this.#readNamespaced(node, attributes);
    if (verb !== "create" || name === "") return refuse("can only create tokens for individual service accounts");
    if (subresource !== "token") return refuse("can only create token subresource of serviceaccount");
    return this.#related(node, attributes);
  }

  #pods(node: string, attributes: Attributes): Decision | Promise<Decision> {
    const { verb, subresource, name } = attributes;
    switch (subresource) {
      case "":
        if (verb === "get") return this.#related(node, attributes);
        if (verb === "list" || verb === "watch") {
          if (selects(attributes, "spec.nodeName", node)) return ALLOW;
          return name === ""
            ? refuse("can only list/watch pods with spec.nodeName field selector")
            : this.#related(node, attributes);
        }
        return verb === "create" || verb === "delete" ? ALLOW : NO_OPINION;
      case "status":
        return verb === "update" || verb === "patch" ? ALLOW : NO_OPINION;
      case "eviction":
        return verb === "create" ? ALLOW : NO_OPINION;
      default:
        return NO_OPINION;
    }
  }

  #related(node: string, { resource, namespace, name }: Attributes): Decision | Promise<Decision> {
    if (name === "") return refuse("No Object name found");
    const key = objectKey(resource, namespace, name);
    if (this.#graph.isRelated(node, key)) return ALLOW;
    return this.#graph
      .isRelatedNewest(node, key)
      .then((isRelated) =>
        isRelated ? ALLOW : refuse(`no relationship found between node '${node}' and this object`),
      );
  }
}

function nodes(node: string, attributes: Attributes): Decision {
  const { verb, subresource, name } = attributes;
  const isWrite = verb === "update" || verb === "patch";
  if (subresource === "status") return isWrite ? ALLOW : NO_OPINION;
  if (subresource !== "") return NO_OPINION;
  if (isWrite || verb === "create") return ALLOW;
  if (!isRead(attributes)) return NO_OPINION;
  if (name === node) return ALLOW;
  const what = name === "" ? "all nodes" : `'${name}'`;
  return refuse(`node '${node}' cannot read ${what}, only its own Node object`);
}

function lease(node: string, { verb, namespace, name }: Attributes): Decision {
  if (!isOwnVerb(verb)) return refuse("can only get, create, update, patch, or delete a node lease");
  if (namespace !== LEASE_NAMESPACE) {
    return refuse(`can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`);
  }
  // A new object's name is in its body: admission looks.
  const isOwn = verb === "create" || name === node;
  return isOwn ? ALLOW : refuse("can only access node lease with the same name as the requesting node");
}

function ownObject(node: string, { verb, subresource, name }: Attributes): Decision {
  if (!isOwnVerb(verb)) return refuse("can only get, create, update, patch, or delete a CSINode");
  if (subresource !== "") return refuse("cannot authorize CSINode subresources");
  const isOwn = verb === "create" || name === node;
  return isOwn ? ALLOW : refuse("can only access CSINode with the same name as the requesting node");
}

function isRead({ verb }: Attributes): boolean {
  return verb === "get" || verb === "list" || verb === "watch";
}

function isOwnVerb(verb: string): boolean {
  return ["get", "create", "update", "patch", "delete"].includes(verb);
}

/** The one ConfigMap that is meant for all hosts. */
function isHostSettings({ resource, namespace, name }: Attributes): boolean {
  return resource === "configmaps" && namespace === HOST_SETTINGS_NAMESPACE && name === HOST_SETTINGS_NAME;
}

function selects({ fields }: Attributes, field: string, value: string): boolean {
  return (
    fields?.some((wanted) => wanted.operator === "Equals" && wanted.field === field && wanted.value === value) ?? false
  );
}

function refuse(reason: string): Decision {
  return { type: "no-opinion", reason };
}
