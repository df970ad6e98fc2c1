import { validateMatch } from "../../apps/pod-template.ts";
import { validatePodTemplate } from "../../core/pod/validation.ts";
import type { Job, JobSpec, PodSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, tooLong, unchanged } from "../../meta/field-error.ts";
import { isUsableSelector, validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Label } from "../../meta/names.ts";
import {
  validateDomainPrefixedPath,
  validateNotNegative,
  validateOptionalChoice,
} from "../../meta/value-validation.ts";
import { validateFailurePolicy, validateSuccessPolicy } from "./policy-validation.ts";
import { validateGeneratedSelector } from "./selector.ts";

const MANAGED_BY_CHARACTERS_MAX = 63;
const INDEXED_PARALLELISM_MAX = 100_000;
const FAILED_INDEXES_MAX = 100_000;
/** Above it the status would not fit into an object, so fewer pods and failures at a time are allowed. */
const COMPLETIONS_SOFT_MAX = 100_000;
const HIGH_COMPLETIONS_PARALLELISM_MAX = 10_000;
const HIGH_COMPLETIONS_FAILED_INDEXES_MAX = 10_000;

export function validateJob(job: Job): FieldError[] {
  const { spec, metadata } = job;
  const errors = [...validateGeneratedSelector(job), ...validateSpecAndSelector(spec)];
  if (spec.completionMode === "Indexed" && (spec.completions ?? 0) > 0) {
    // The last pod's name is its host name; refused here, for later it could only fail.
    const hostname = `${metadata.name}-${(spec.completions ?? 0) - 1}`;
    if (checkDns1123Label(hostname).length > 0) {
      const text = `will not able to create pod with invalid DNS label: ${hostname}`;
      errors.push(invalidValue("metadata.name", metadata.name, text));
    }
  }
  return errors;
}

export function validateJobUpdate(job: Job, oldJob: Job): FieldError[] {
  const { spec } = job;
  const { spec: old } = oldJob;
  return [
    ...validateJob(job),
    // Told twice, as upstream tells it; a client that counts causes sees no difference.
    ...validateSpecAndSelector(spec),
    ...validateCompletionsUpdate(spec, old),
    ...unchanged("spec.selector", spec.selector, old.selector),
    ...validateTemplateUpdate(job, oldJob),
    ...(["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const).flatMap(
      (field) => unchanged(`spec.${field}`, spec[field], old[field]),
    ),
  ];
}

function validateSpecAndSelector(spec: JobSpec): FieldError[] {
  const errors = validateJobSpec(spec, "spec");
  const { selector, template } = spec;
  if (!selector) return [...errors, required("spec.selector"), ...validateMatch(undefined, template)];
  errors.push(...validateLabelSelector(selector, "spec.selector"));
  return isUsableSelector(selector) ? [...errors, ...validateMatch(selector, template)] : errors;
}

/** Completions change only together with parallelism, and only where each pod has its index. */
function validateCompletionsUpdate(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completionMode !== "Indexed") return unchanged("spec.completions", spec.completions, old.completions);
  if (spec.completions === old.completions || spec.completions === spec.parallelism) return [];
  return [invalidValue("spec.completions", spec.completions, "can only be modified in tandem with spec.parallelism")];
}

/** While a job is suspended and no pod runs, where its pods may run and what they may use is still open. */
function validateTemplateUpdate({ spec }: Job, { spec: old, status }: Job): FieldError[] {
  const isSuspended =
    status?.conditions?.some(({ type, status }) => type === "Suspended" && status === "True") === true;
  const isOpen = old.suspend === true && (!status?.startTime || isSuspended) && !status?.active;
  const [wanted, former] = [spec.template?.spec, old.template?.spec];
  if (!isOpen || !wanted || !former) return unchanged("spec.template", spec.template, old.template);
  return unchanged("spec.template.spec", wanted, withOpenFieldsOf(wanted, former));
}

/** The former spec with what may change as it is in the other. */
function withOpenFieldsOf(wanted: PodSpec, former: PodSpec): PodSpec {
  const spec = { ...former };
  for (const name of ["nodeSelector", "tolerations", "schedulingGates"] as const) {
    delete spec[name];
    if (wanted[name] !== undefined) Object.assign(spec, { [name]: wanted[name] });
  }
  const { nodeAffinity: _former, ...affinity } = former.affinity ?? {};
  const nodeAffinity = wanted.affinity?.nodeAffinity;
  const merged = { ...affinity, ...(nodeAffinity ? { nodeAffinity } : {}) };
  delete spec.affinity;
  if (Object.keys(merged).length > 0 || wanted.affinity) spec.affinity = merged;
  spec.containers = withResourcesOf(former.containers, wanted.containers ?? []);
  if (former.initContainers) {
    spec.initContainers = withResourcesOf(former.initContainers, wanted.initContainers ?? []);
  }
  return spec;
}

function withResourcesOf<C extends { name: string; resources?: unknown }>(containers: C[], source: C[]): C[] {
  return containers.map((container, i) => {
    const { name, resources } = source[i] ?? {};
    return name === container.name ? { ...container, resources } : container;
  });
}

/** Everything but the selector, which a job inside a CronJob has not yet. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = (
    [
      "parallelism",
      "completions",
      "activeDeadlineSeconds",
      "backoffLimit",
      "ttlSecondsAfterFinished",
      "backoffLimitPerIndex",
      "maxFailedIndexes",
    ] as const
  ).flatMap((field) => validateNotNegative(spec[field], `${path}.${field}`));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  }
  if (spec.managedBy !== undefined) {
    errors.push(...validateDomainPrefixedPath(spec.managedBy, `${path}.managedBy`));
    if (spec.managedBy.length > MANAGED_BY_CHARACTERS_MAX) {
      errors.push(tooLong(`${path}.managedBy`, MANAGED_BY_CHARACTERS_MAX));
    }
  }
  errors.push(
    ...validateOptionalChoice(spec.completionMode, ["NonIndexed", "Indexed"], `${path}.completionMode`),
    ...(spec.completionMode === "Indexed" ? validateIndexed(spec, path) : validateNonIndexed(spec, path)),
    ...validateFailurePolicy(spec, `${path}.podFailurePolicy`),
    ...validateSuccessPolicy(spec, `${path}.successPolicy`),
    ...validateOptionalChoice(
      spec.podReplacementPolicy,
      spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"],
      `${path}.podReplacementPolicy`,
    ),
  );
  return [
    ...errors,
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec?.restartPolicy ?? "";
  if (policy === "" || policy === "Always") return [required(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== "OnFailure" && policy !== "Never") return [notSupported(field, policy, ["OnFailure", "Never"])];
  if (!podFailurePolicy || policy === "Never") return [];
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

/** Of a mode that is unknown nothing more is said. */
function validateNonIndexed(spec: JobSpec, path: string): FieldError[] {
  if (spec.completionMode !== undefined && spec.completionMode !== "NonIndexed") return [];
  return (["backoffLimitPerIndex", "maxFailedIndexes"] as const).flatMap((field) =>
    spec[field] === undefined
      ? []
      : [invalidValue(`${path}.${field}`, spec[field], "requires indexed completion mode")],
  );
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  if (parallelism > INDEXED_PARALLELISM_MAX) {
    const text = `must be less than or equal to ${INDEXED_PARALLELISM_MAX} when completion mode is Indexed`;
    errors.push(invalidValue(`${path}.parallelism`, parallelism, text));
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions) {
    const text = "must be less than or equal to completions";
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, text));
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > FAILED_INDEXES_MAX) {
    const text = `must be less than or equal to ${FAILED_INDEXES_MAX}`;
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, text));
  }
  if ((completions ?? 0) > COMPLETIONS_SOFT_MAX && spec.backoffLimitPerIndex !== undefined) {
    errors.push(...validateHighCompletions(spec, path));
  }
  return errors;
}

function validateHighCompletions({ parallelism = 0, maxFailedIndexes }: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const where = `when completions are above ${COMPLETIONS_SOFT_MAX} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    const text = `must be specified when completions is above ${COMPLETIONS_SOFT_MAX}`;
    errors.push(required(`${path}.maxFailedIndexes`, text));
  }
  if (parallelism > HIGH_COMPLETIONS_PARALLELISM_MAX) {
    const text = `must be less than or equal to ${HIGH_COMPLETIONS_PARALLELISM_MAX} ${where}`;
    errors.push(invalidValue(`${path}.parallelism`, parallelism, text));
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > HIGH_COMPLETIONS_FAILED_INDEXES_MAX) {
    const text = `must be less than or equal to ${HIGH_COMPLETIONS_FAILED_INDEXES_MAX} ${where}`;
    errors.push(invalidValue(`${path}.maxFailedIndexes`, maxFailedIndexes, text));
  }
  return errors;
}
