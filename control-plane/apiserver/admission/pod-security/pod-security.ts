// Holds pods to the Pod Security Standards as far as the labels of their namespace ask for it. What will make pods is only
// warned about, for its maker sees no refusal of the pods; a namespace that is made stricter is told which of its pods would
// not be let in any more.

import { CronJob } from "@atoll/api/batch/cron-job/kind";
import { Job } from "@atoll/api/batch/job/kind";
import { DaemonSet } from "@atoll/api/apps/daemon-set/kind";
import { Deployment } from "@atoll/api/apps/deployment/kind";
import { ReplicaSet } from "@atoll/api/apps/replica-set/kind";
import { StatefulSet } from "@atoll/api/apps/stateful-set/kind";
import { Namespace } from "@atoll/api/core/namespace/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { PodTemplate } from "@atoll/api/core/pod-template/kind";
import { ReplicationController } from "@atoll/api/core/replication-controller/kind";
import type { PodTemplateSpec } from "@atoll/api/generated/types";
import type { KindDefinition } from "@atoll/api/kind";
import { isEqualJson } from "@atoll/api/meta/field-error";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { throwIfInvalid } from "../../registry/field-errors.ts";
import type { ResourceStore } from "../../registry/resource-store.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "../admission.ts";
import { forbid } from "../namespace-lifecycle.ts";
import { podsWarnings } from "./namespace-pods.ts";
import {
  formatLevel,
  isSameLevel,
  isStricter,
  type LevelVersion,
  type PodSecurityPolicy,
  type ReadPolicy,
  readPolicy,
} from "./policy.ts";
import { detailsOf, violationsOf } from "./standards.ts";
import type { CheckedPod } from "./violation.ts";

const ANNOTATION_PREFIX = "pod-security.kubernetes.io/";
/** What says how pods are stopped, reached or placed changes nothing that the standards look at. */
const IGNORED_SUBRESOURCES: ReadonlySet<string> = new Set([
  ...["attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"],
]);

type TemplateOf = (object: KubeObject) => PodTemplateSpec | undefined;

export function podSecurity(resources: ResourceTable): AdmissionStep {
  const namespaces = resources.of(Namespace);
  const pods = resources.of(Pod);
  const templates = templatesByKind(resources);
  const policyOf = (request: AdmissionRequest) => readPolicy(namespaceLabels(namespaces, request.namespace));
  return {
    name: "PodSecurity",
    validate(request) {
      const { kind, operation, subresource, object } = request;
      if (!object || (operation !== "CREATE" && operation !== "UPDATE")) return;
      if (kind === pods.kind) {
        if (!IGNORED_SUBRESOURCES.has(subresource)) checkPod(request, object as Pod, policyOf(request)); // the kind is Pod
        return;
      }
      if (subresource !== "") return;
      if (kind === namespaces.kind) {
        checkNamespace(request, object as Namespace, pods); // the kind is Namespace
        return;
      }
      const templateOf = templates.get(kind);
      if (templateOf) checkTemplate(request, templateOf(object), policyOf(request));
    },
  };
}

function templatesByKind(resources: ResourceTable): ReadonlyMap<KindDefinition, TemplateOf> {
  const templates = new Map<KindDefinition, TemplateOf>();
  const add = <T extends KubeObject>(resource: Resource<T>, templateOf: (object: T) => PodTemplateSpec | undefined) =>
    templates.set(resources.of(resource).kind, (object) => templateOf(object as T)); // found by its kind
  add(PodTemplate, ({ template }) => template);
  add(ReplicationController, ({ spec }) => spec?.template);
  add(ReplicaSet, ({ spec }) => spec?.template);
  add(Deployment, ({ spec }) => spec?.template);
  add(DaemonSet, ({ spec }) => spec?.template);
  add(StatefulSet, ({ spec }) => spec?.template);
  add(Job, ({ spec }) => spec?.template);
  add(CronJob, ({ spec }) => spec?.jobTemplate.spec?.template);
  return templates;
}

function namespaceLabels(namespaces: ResourceStore, name: string): Readonly<Record<string, string>> | undefined {
  return namespaces.peek(namespaces.keyOf("", name))?.object.metadata.labels;
}

const isUnrestricted = ({ level }: LevelVersion) => level === "privileged";

function checkPod(request: AdmissionRequest, pod: Pod, { policy, errors }: ReadPolicy): void {
  if (errors.length === 0 && Object.values(policy).every(isUnrestricted)) return;
  if (request.oldObject && !changesImages(pod, request.oldObject as Pod)) return; // the kind is Pod
  annotatePolicyErrors(request, errors);
  const { enforce } = policy;
  request.annotations?.add(`${ANNOTATION_PREFIX}enforce-policy`, formatLevel(enforce));
  const violations = violationsOf(enforce, pod);
  audit(request, policy, pod);
  if (violations.length > 0) {
    throw forbid(request, `violates PodSecurity ${JSON.stringify(formatLevel(enforce))}: ${detailsOf(violations)}`);
  }
  warn(request, policy, pod);
}

function checkTemplate(
  request: AdmissionRequest,
  template: PodTemplateSpec | undefined,
  { policy, errors }: ReadPolicy,
): void {
  if (!template || (errors.length === 0 && isUnrestricted(policy.warn) && isUnrestricted(policy.audit))) return;
  const { metadata = {}, spec = { containers: [] } } = template;
  annotatePolicyErrors(request, errors);
  audit(request, policy, { metadata, spec });
  warn(request, policy, { metadata, spec });
}

function annotatePolicyErrors({ annotations }: AdmissionRequest, errors: ReadPolicy["errors"]): void {
  if (errors.length === 0) return;
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  annotations?.add(`${ANNOTATION_PREFIX}error`, `Failed to parse policy: ${text}`);
}

function audit({ annotations }: AdmissionRequest, { audit: level }: PodSecurityPolicy, pod: CheckedPod): void {
  if (!annotations) return;
  const violations = violationsOf(level, pod);
  if (violations.length === 0) return;
  annotations.add(`${ANNOTATION_PREFIX}audit-violations`, wouldViolate(level, detailsOf(violations)));
}

function warn({ warnings }: AdmissionRequest, { warn: level }: PodSecurityPolicy, pod: CheckedPod): void {
  const violations = violationsOf(level, pod);
  if (violations.length > 0) warnings.push(wouldViolate(level, detailsOf(violations)));
}

function wouldViolate(level: LevelVersion, details: string): string {
  return `would violate PodSecurity ${JSON.stringify(formatLevel(level))}: ${details}`;
}

/** A pod that is there already changes little; only another image may need another look. */
function changesImages({ spec }: Pod, { spec: old }: Pod): boolean {
  const imagesOf = (containers: readonly { readonly image?: string }[] | undefined) =>
    (containers ?? []).map(({ image }) => image);
  if (!isEqualJson(imagesOf(spec.containers), imagesOf(old.containers))) return true;
  if (!isEqualJson(imagesOf(spec.initContainers), imagesOf(old.initContainers))) return true;
  const known = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return (spec.ephemeralContainers ?? []).some(({ name, image }) => !known.has(name) || known.get(name) !== image);
}

function checkNamespace(request: AdmissionRequest, namespace: Namespace, pods: ResourceStore): void {
  const { policy, errors } = readPolicy(namespace.metadata.labels);
  const old = request.oldObject && readPolicy(request.oldObject.metadata.labels);
  // Labels that were wrong before must not keep anybody from changing something else.
  if (!old || old.errors.length === 0 || !isEqualJson(errors, old.errors)) {
    throwIfInvalid(request.kind, request.name, errors);
  }
  if (!old || isSameLevel(policy.enforce, old.policy.enforce) || isUnrestricted(policy.enforce)) return;
  const isSameVersion = policy.enforce.minor === old.policy.enforce.minor;
  if (isSameVersion && !isStricter(policy.enforce.level, old.policy.enforce.level)) return;
  const { name = "" } = namespace.metadata;
  const { items } = pods.rangeCached(pods.rangeOf(name), 0);
  const present = items.map(({ object }) => object as Pod); // the store holds Pods only
  request.warnings.push(...podsWarnings(name, policy.enforce, present));
}
