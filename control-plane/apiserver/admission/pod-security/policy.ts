// What a namespace's labels ask of its pods: three answers to a pod that is less restricted, each with a level and a version
// of the Pod Security Standards.

import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";

const LEVELS = ["privileged", "baseline", "restricted"] as const;

/** From the one that allows everything to the strictest. */
export type Level = (typeof LEVELS)[number];

export interface LevelVersion {
  readonly level: Level;
  /** Of Kubernetes 1.x; Infinity: the latest. */
  readonly minor: number;
}

export interface PodSecurityPolicy {
  /** What is refused. */
  readonly enforce: LevelVersion;
  /** What the audit log tells of. */
  readonly audit: LevelVersion;
  /** What whoever makes the pod, or something that will make it, is told of. */
  readonly warn: LevelVersion;
}

type Mode = keyof PodSecurityPolicy;

const PREFIX = "pod-security.kubernetes.io/";
const UNRESTRICTED: LevelVersion = { level: "privileged", minor: Number.POSITIVE_INFINITY };
const ALLOWS_ALL: PodSecurityPolicy = { enforce: UNRESTRICTED, audit: UNRESTRICTED, warn: UNRESTRICTED };
const VERSION = /^v1\.(\d|[1-9]\d*)$/;

export interface ReadPolicy {
  readonly policy: PodSecurityPolicy;
  readonly errors: readonly FieldError[];
}

/** A label that cannot be read enforces the strictest there is, and warns and audits nothing. */
export function readPolicy(labels: Readonly<Record<string, string>> | undefined): ReadPolicy {
  if (!labels || !Object.keys(labels).some((name) => name.startsWith(PREFIX)))
    return { policy: ALLOWS_ALL, errors: [] };
  const errors: FieldError[] = [];
  const read = (mode: Mode, onError: Level): LevelVersion => ({
    level: readLevel(labels, mode, errors) ?? (labels[`${PREFIX}${mode}`] === undefined ? "privileged" : onError),
    minor: readVersion(labels, `${mode}-version`, errors),
  });
  const enforce = read("enforce", "restricted");
  const audit = read("audit", "privileged");
  const warn = read("warn", "privileged");
  const isLevelValid = errors.every(({ field }) => field !== fieldOf("enforce"));
  // Whoever is refused should have been warned: by what makes pods for him.
  const warnsAsEnforced =
    labels[`${PREFIX}warn`] === undefined && isLevelValid && isStricter(enforce.level, warn.level);
  const hasVersion = labels[`${PREFIX}warn-version`] !== undefined;
  const enforced = { level: enforce.level, minor: hasVersion ? warn.minor : enforce.minor };
  return { policy: { enforce, audit, warn: warnsAsEnforced ? enforced : warn }, errors };
}

function readLevel(labels: Readonly<Record<string, string>>, name: string, errors: FieldError[]): Level | undefined {
  const text = labels[`${PREFIX}${name}`];
  if (text === undefined) return undefined;
  const level = LEVELS.find((each) => each === text);
  if (!level) errors.push(invalidValue(fieldOf(name), text, `must be one of ${LEVELS.join(", ")}`));
  return level;
}

function readVersion(labels: Readonly<Record<string, string>>, name: string, errors: FieldError[]): number {
  const text = labels[`${PREFIX}${name}`];
  if (text === undefined || text === "latest") return Number.POSITIVE_INFINITY;
  const minor = VERSION.exec(text)?.[1];
  if (minor !== undefined) return Number(minor);
  errors.push(invalidValue(fieldOf(name), text, 'must be "latest" or "v1.x"'));
  return Number.POSITIVE_INFINITY;
}

function fieldOf(name: string): string {
  return `metadata.labels[${PREFIX}${name}]`;
}

export function isStricter(a: Level, b: Level): boolean {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b);
}

export function isSameLevel(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** "restricted:v1.36" */
export function formatLevel({ level, minor }: LevelVersion): string {
  return `${level}:${Number.isFinite(minor) ? `v1.${minor}` : "latest"}`;
}
