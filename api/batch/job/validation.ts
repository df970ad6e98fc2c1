import { validatePodTemplate } from "../../core/pod/validation.ts";
import type { Job, JobSpec, PodTemplateSpec } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { invalidValue, notSupported, required, tooLong, unchanged } from "../../meta/field-error.ts";
import { selectsLabels } from "../../meta/label-selector.ts";
import { validateLabelSelector } from "../../meta/label-selector-validation.ts";
import { checkDns1123Label, checkDomainPrefixedPath } from "../../meta/names.ts";
import { invalidTexts, validateNotNegative, validateOptionalChoice } from "../../meta/value-validation.ts";
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
  if (!spec) return [required("spec.template")];
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

export function validateJobUpdate({ spec }: Job, { spec: old }: Job): FieldError[] {
  if (!spec) return [required("spec.template")];
  return [
    ...validateSpecAndSelector(spec),
    ...validateCompletionsUpdate(spec, old),
    ...unchanged("spec.selector", spec.selector, old.selector),
    ...unchanged("spec.template", spec.template, comparableTemplate(spec, old)),
    ...(["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const).flatMap(
      (field) => unchanged(`spec.${field}`, spec[field], old[field]),
    ),
  ];
}

function validateSpecAndSelector(spec: JobSpec): FieldError[] {
  const errors = validateJobSpec(spec, "spec");
  const { selector, template } = spec;
  if (!selector) return [...errors, required("spec.selector")];
  errors.push(...validateLabelSelector(selector, "spec.selector"));
  const labels = template?.metadata?.labels;
  if (!selectsLabels(selector, labels)) {
    const text = "`selector` does not match template `labels`";
    errors.push(invalidValue("spec.template.metadata.labels", labels ?? null, text));
  }
  return errors;
}

/** Completions change only together with parallelism, and only where each pod has its index. */
function validateCompletionsUpdate(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completionMode !== "Indexed") return unchanged("spec.completions", spec.completions, old.completions);
  if (spec.completions === old.completions || spec.completions === spec.parallelism) return [];
  return [invalidValue("spec.completions", spec.completions, "can only be modified in tandem with spec.parallelism")];
}

/**
 * The old template, with everything from the new one that may change: while a job is suspended and has not started, where
 * its pods may run and what they may use is still open.
 */
function comparableTemplate(spec: JobSpec, old: JobSpec): PodTemplateSpec | undefined {
  const { template } = spec;
  if (old.suspend !== true || !template?.spec || !old.template?.spec) return old.template;
  const copy = structuredClone(old.template);
  const copySpec = { ...copy.spec };
  const take = (name: "nodeSelector" | "tolerations" | "schedulingGates") => {
    delete copySpec[name];
    if (template.spec?.[name] !== undefined) Object.assign(copySpec, { [name]: template.spec[name] });
  };
  take("nodeSelector");
  take("tolerations");
  take("schedulingGates");
  const { nodeAffinity: _old, ...affinity } = copySpec.affinity ?? {};
  const nodeAffinity = template.spec.affinity?.nodeAffinity;
  const merged = { ...affinity, ...(nodeAffinity ? { nodeAffinity } : {}) };
  delete copySpec.affinity;
  if (Object.keys(merged).length > 0 || template.spec.affinity) copySpec.affinity = merged;
  copySpec.containers = withResourcesOf(copySpec.containers ?? [], template.spec.containers ?? []);
  if (copySpec.initContainers) {
    copySpec.initContainers = withResourcesOf(copySpec.initContainers, template.spec.initContainers ?? []);
  }
  const metadata = { ...copy.metadata };
  delete metadata.labels;
  delete metadata.annotations;
  if (template.metadata?.labels) metadata.labels = template.metadata.labels;
  if (template.metadata?.annotations) metadata.annotations = template.metadata.annotations;
  return { ...copy, metadata, spec: { ...copySpec, containers: copySpec.containers } };
}

function withResourcesOf<C extends { name: string; resources?: unknown }>(containers: C[], source: C[]): C[] {
  return containers.map((container) => {
    const { resources } = source.find(({ name }) => name === container.name) ?? {};
    return resources === undefined ? container : { ...container, resources };
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
    errors.push(...invalidTexts(`${path}.managedBy`, spec.managedBy, checkDomainPrefixedPath(spec.managedBy)));
    if (spec.managedBy.length > MANAGED_BY_CHARACTERS_MAX) {
      errors.push(tooLong(`${path}.managedBy`, MANAGED_BY_CHARACTERS_MAX));
    }
  }
  errors.push(
    ...validateOptionalChoice(spec.completionMode, ["Indexed", "NonIndexed"], `${path}.completionMode`),
    ...(spec.completionMode === "Indexed" ? validateIndexed(spec, path) : validateNonIndexed(spec, path)),
    ...validateFailurePolicy(spec, `${path}.podFailurePolicy`),
    ...validateSuccessPolicy(spec, `${path}.successPolicy`),
    ...validateOptionalChoice(
      spec.podReplacementPolicy,
      spec.podFailurePolicy ? ["Failed"] : ["Failed", "TerminatingOrFailed"],
      `${path}.podReplacementPolicy`,
    ),
  );
  if (!spec.template) return [...errors, required(`${path}.template`)];
  return [
    ...errors,
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec?.restartPolicy ?? "";
  if (policy === "" || policy === "Always") return [required(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== "OnFailure" && policy !== "Never") return [notSupported(field, policy, ["Never", "OnFailure"])];
  if (!podFailurePolicy || policy === "Never") return [];
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

function validateNonIndexed(spec: JobSpec, path: string): FieldError[] {
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
