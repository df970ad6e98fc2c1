// Who may do what until roles come: administrators everything, hosts what a host needs, the control plane's own service
// accounts everything, anybody authenticated discovery and questions about himself, anybody at all the health checks.

import { AUTHENTICATED_GROUP, MASTERS_GROUP, NODE_USER_PREFIX, NODES_GROUP } from "../authentication/authenticator.ts";
import type { RequestVerb } from "../request/request-info.ts";
import type { Authorizer, Decision } from "./authorizer.ts";

const NO_OPINION: Decision = { type: "no-opinion" };
const ALLOW: Decision = { type: "allow" };

export const mastersAuthorizer: Authorizer = {
  authorize: (user) => (user.groups.includes(MASTERS_GROUP) ? ALLOW : NO_OPINION),
};

/** Creating pods in kube-system is an administrator's right, so is what its service accounts may do. */
export const controlPlaneAccountsAuthorizer: Authorizer = {
  authorize: (user) => (user.groups.includes("system:serviceaccounts:kube-system") ? ALLOW : NO_OPINION),
};

const HEALTH_PATHS: ReadonlySet<string> = new Set(["/livez", "/readyz", "/healthz", "/version", "/version/"]);

/** Load balancers and installers ask before they can have credentials. */
export const healthAuthorizer: Authorizer = {
  authorize: (_user, { isResourceRequest, verb, path }) =>
    !isResourceRequest && (verb === "get" || verb === "head") && HEALTH_PATHS.has(path) ? ALLOW : NO_OPINION,
};

const DISCOVERY_ROOTS = ["/api", "/apis", "/openapi", "/.well-known/openid-configuration"];
const SELF_REVIEWS: ReadonlySet<string> = new Set([
  "authentication.k8s.io/selfsubjectreviews",
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/selfsubjectrulesreviews",
]);

export const discoveryAuthorizer: Authorizer = {
  authorize(user, { isResourceRequest, verb, path, group, resource }) {
    if (!user.groups.includes(AUTHENTICATED_GROUP)) return NO_OPINION;
    if (isResourceRequest) {
      return verb === "create" && SELF_REVIEWS.has(`${group}/${resource}`) ? ALLOW : NO_OPINION;
    }
    const isDiscovery = DISCOVERY_ROOTS.some((root) => path === root || path.startsWith(`${root}/`));
    return (verb === "get" || verb === "head") && isDiscovery ? ALLOW : NO_OPINION;
  },
};

const READ: readonly RequestVerb[] = ["get", "list", "watch"];
const WRITE: readonly RequestVerb[] = ["create", "update", "patch"];

/** What a host's spherelet does, by "group/resource[/subresource]". */
const NODE_RULES: ReadonlyMap<string, readonly RequestVerb[]> = new Map([
  ["/nodes", [...READ, ...WRITE]],
  ["/nodes/status", ["get", ...WRITE]],
  ["/pods", [...READ, "delete", "patch"]],
  ["/pods/status", ["get", ...WRITE]],
  ["/pods/eviction", ["create"]],
  ["/services", READ],
  ["/namespaces", READ],
  ["/configmaps", READ],
  ["/secrets", READ],
  ["/serviceaccounts", ["get"]],
  ["/serviceaccounts/token", ["create"]],
  ["/events", WRITE],
  ["events.k8s.io/events", WRITE],
  ["coordination.k8s.io/leases", ["get", "delete", ...WRITE]],
  ["imagecontroller.vmware.com/images", READ],
  ["imagecontroller.vmware.com/images/status", ["get", ...WRITE]],
  ["imagecontroller.vmware.com/imagedisks", [...READ, ...WRITE, "delete"]],
  ["imagecontroller.vmware.com/imagedisks/status", ["get", ...WRITE]],
]);

/** Only names are checked here; that a host touches its own pods only is admission's business. */
export const nodeAuthorizer: Authorizer = {
  authorize(user, { isResourceRequest, verb, group, resource, subresource, name }) {
    if (!user.groups.includes(NODES_GROUP) || !user.name.startsWith(NODE_USER_PREFIX)) return NO_OPINION;
    if (!isResourceRequest) return NO_OPINION;
    const verbs = NODE_RULES.get(`${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`);
    if (!verbs?.includes(verb)) return NO_OPINION;
    const isOtherNode =
      resource === "nodes" && WRITE.includes(verb) && name !== "" && name !== user.name.slice(NODE_USER_PREFIX.length);
    return isOtherNode
      ? {
          type: "no-opinion",
          reason: `node ${JSON.stringify(user.name.slice(NODE_USER_PREFIX.length))} is not allowed to modify node ${JSON.stringify(name)}`,
        }
      : ALLOW;
  },
};

export const builtInAuthorizers: readonly Authorizer[] = [
  mastersAuthorizer,
  nodeAuthorizer,
  controlPlaneAccountsAuthorizer,
  discoveryAuthorizer,
  healthAuthorizer,
];
