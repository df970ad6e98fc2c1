// What the server says about itself: its kinds, their fields, its version, its health.

import { kinds } from "@atoll/api/kinds";
import { line, refused, type Script, type Step } from "../script.ts";

const EXPLAINED_WHOLE = ["pods", "deployments", "services", "persistentvolumes", "jobs", "customresourcedefinitions"];
const PATHS = [
  "pod.spec.containers.livenessProbe.httpGet",
  "pods.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
  "deployment.spec.strategy",
  "deploy.spec.template.spec.volumes.projected.sources.serviceAccountToken",
  "sts.spec.volumeClaimTemplates.spec.resources",
  "cronjob.spec.jobTemplate.spec.template.spec.securityContext",
  "ingress.spec.rules.http.paths.backend",
  "networkpolicy.spec.egress.to",
  "hpa.spec.metrics.resource.target",
  "crd.spec.versions.schema.openAPIV3Schema",
  "pv.spec.csi.nodePublishSecretRef",
  "node.status.conditions",
  "svc.spec.ports.targetPort",
  "secret.metadata.ownerReferences",
  "flowschemas.spec.rules.subjects.serviceAccount",
  "validatingadmissionpolicy.spec.matchConstraints.resourceRules",
  "resourceclaims.spec.devices.requests.exactly.selectors.cel",
  "events.series",
];

const RAW_PATHS = [
  ...["/healthz", "/livez", "/readyz", "/api", "/apis/apps", "/apis/apps/v1", "/apis/batch/v1"],
  ...["/apis/networking.k8s.io/v1", "/apis/autoscaling", "/apis/storage.k8s.io/v1", "/apis/policy/v1"],
  ...["/apis/rbac.authorization.k8s.io/v1", "/apis/apiextensions.k8s.io/v1", "/apis/authorization.k8s.io/v1"],
];

/** One of each name: kinds in several groups are explained in the one that a short name means. */
const explained: readonly string[] = [
  ...new Set(
    kinds
      .filter(({ resource, verbs }) => verbs.includes("list") && !resource.group.endsWith("vmware.com"))
      // kubectl takes the group of these for a field.
      .filter(({ resource }) => resource.group !== "events.k8s.io")
      .map(({ resource: { plural, group } }) => (group ? `${plural}.${group}` : plural)),
  ),
];

function explainSteps(): Step[] {
  return [
    ...explained.map((name) => line(`kubectl explain ${name}`, /^KIND:/m, /^FIELDS:/m)),
    ...EXPLAINED_WHOLE.map((name) => line(`kubectl explain ${name} --recursive`, /apiVersion/)),
    ...PATHS.map((path) => line(`kubectl explain ${path}`, /^(FIELD|KIND):/m)),
    line("kubectl explain subjectaccessreviews.spec.resourceAttributes", /FIELD: resourceAttributes/),
    line("kubectl explain tokenreviews --recursive", /KIND: +TokenReview/),
    line("kubectl explain hpa --api-version=autoscaling/v1", /VERSION: +v1\n/),
    line("kubectl explain events --api-version=events.k8s.io/v1", /VERSION: +v1/),
    line("kubectl explain pods.spec.nodeName -o plaintext-openapiv2", /nodeName/),
    refused("kubectl explain pods.spec.nothing", /field "nothing" does not exist/),
    refused("kubectl explain nothings", /the server doesn't have a resource type "nothings"/),
  ];
}

export function discoveryScript(): Script {
  return {
    name: "discovery",
    steps: [
      line("kubectl version -o json | grep -E 'major|minor' | tail -2", /"36"/),
      line("kubectl cluster-info", /control plane.* is running at/),
      line("kubectl api-versions", /^apps\/v1$/m, /^v1$/m),
      line("kubectl api-resources", /^deployments +deploy +apps\/v1 +true +Deployment$/m),
      line("kubectl api-resources -o wide", /create,delete,deletecollection,get,list,patch,update,watch/),
      line("kubectl api-resources -o name --namespaced=false", /^nodes$/m),
      line("kubectl api-resources --api-group=apps --sort-by=kind --no-headers", /^controllerrevisions/),
      line("kubectl api-resources --verbs=list,create --categories=all -o name", /^pods$/m),
      ...explainSteps(),
      ...RAW_PATHS.map((path) => line(`kubectl get --raw ${path}`, /./)),
      line("kubectl get --raw '/readyz?verbose' | tail -1", /readyz check passed/),
      line('kubectl get --raw /openapi/v3 | grep -o \'"[^"]*":{"serverRelativeURL"\' | sort', /apis\/apps\/v1/),
      line("kubectl get --raw '/api/v1/namespaces?limit=1' | grep -o '\"kind\":\"[A-Za-z]*\"'", /NamespaceList/),
      refused("kubectl get --raw /apis/none.example.com/v1", /the server could not find the requested resource/),
      refused("kubectl get nothings", /the server doesn't have a resource type "nothings"/),
      refused("kubectl top nodes", /Metrics API not available/),
      refused("kubectl top pods", /Metrics API not available/),
    ],
  };
}
