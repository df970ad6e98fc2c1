// Annotations that say something about how a pod runs; most have become fields, and may not contradict them.

import { tableOf } from "@atoll/base/table-of";
import type { ObjectMeta, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue } from "../../meta/field-error.ts";
import { allContainers } from "./all-containers.ts";
import { validateDescendingPath } from "./path-validation.ts";

export const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
export const APP_ARMOR_PREFIX = "container.apparmor.security.beta.kubernetes.io/";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/";
const LOCAL_PREFIX = "localhost/";
const COST_MAX = 2_147_483_647;

type Annotations = NonNullable<ObjectMeta["annotations"]>;

export function validatePodAnnotations(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR_ANNOTATION];
  if (mirror !== undefined && !spec.nodeName) {
    const text = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalidValue(`${path}[${MIRROR_ANNOTATION}]`, mirror, text));
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInteger(cost)) {
    errors.push(invalidValue(`${path}[${DELETION_COST}]`, cost, "must be a 32bit integer"));
  }
  for (const [name, value] of Object.entries(annotations)) {
    const isSeccomp = name === SECCOMP_POD || name.startsWith(SECCOMP_CONTAINER_PREFIX);
    if (isSeccomp) errors.push(...validateSeccomp(value, `${path}.${name}`));
    if (name.startsWith(APP_ARMOR_PREFIX)) errors.push(...validateAppArmor(name, value, spec, path));
  }
  return errors;
}

/** Without a sign in front or needless zeros. */
function isInteger(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Number(text) <= COST_MAX && Number(text) >= -COST_MAX - 1;
}

const SECCOMP_VALUES = ["runtime/default", "docker/default", "unconfined"];

function validateSeccomp(value: string, field: string): FieldError[] {
  if (SECCOMP_VALUES.includes(value)) return [];
  if (value.startsWith(LOCAL_PREFIX)) return validateDescendingPath(value.slice(LOCAL_PREFIX.length), field);
  return [invalidValue(field, value, "must be a valid seccomp profile")];
}

function validateAppArmor(name: string, value: string, spec: PodSpec, path: string): FieldError[] {
  const owner = name.slice(APP_ARMOR_PREFIX.length);
  const errors: FieldError[] = [];
  if (!allContainers(spec).some(({ container }) => container.name === owner)) {
    errors.push(invalidValue(`${path}[${name}]`, owner, "container not found"));
  }
  const isKnown = ["", "runtime/default", "unconfined"].includes(value) || value.startsWith(LOCAL_PREFIX);
  if (isKnown) return errors;
  return [
    ...errors,
    invalidValue(`${path}[${name}]`, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`),
  ];
}

interface Profile {
  readonly type: string;
  readonly localhostProfile?: string;
}

/** Whoever says a profile both ways must say the same. */
export function validateProfilesMatch(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext;
  const errors = compare("seccomp", annotations[SECCOMP_POD], ofPod?.seccompProfile, `${path}.securityContext`);
  const saysOfContainers = Object.keys(annotations).some(
    (name) => name.startsWith(SECCOMP_CONTAINER_PREFIX) || name.startsWith(APP_ARMOR_PREFIX),
  );
  for (const { container, field } of saysOfContainers ? allContainers(spec) : []) {
    const context = container.securityContext;
    const place = `${path}.${field}.securityContext`;
    const seccomp = annotations[`${SECCOMP_CONTAINER_PREFIX}${container.name}`];
    errors.push(...compare("seccomp", seccomp, context?.seccompProfile, place));
    const appArmor = annotations[`${APP_ARMOR_PREFIX}${container.name}`];
    const profile = context?.appArmorProfile ?? ofPod?.appArmorProfile;
    if (spec.os?.name !== "windows") errors.push(...compare("apparmor", appArmor, profile, place));
  }
  return errors;
}

const NAMES: Readonly<Record<string, readonly string[]>> = tableOf({
  RuntimeDefault: ["runtime/default", "docker/default"],
  Unconfined: ["unconfined"],
});

function compare(
  sort: "seccomp" | "apparmor",
  annotation: string | undefined,
  profile: Profile | undefined,
  path: string,
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const field = `${path}.${sort === "seccomp" ? "seccompProfile" : "appArmorProfile"}`;
  const { type, localhostProfile } = profile;
  const isLocal = type === "Localhost";
  const isSameType = isLocal ? annotation.startsWith(LOCAL_PREFIX) : (NAMES[type]?.includes(annotation) ?? true);
  if (!isSameType) return [forbidden(`${field}.type`, `${sort} type in annotation and field must match`)];
  if (!isLocal || annotation.slice(LOCAL_PREFIX.length) === localhostProfile) return [];
  return [forbidden(`${field}.localhostProfile`, `${sort} profile in annotation and field must match`)];
}
