// What the two kinds of webhook configuration have in common: everything but who may change the object.

import type { MatchCondition, MutatingWebhook, ValidatingWebhook } from "../generated/types.ts";
import type { FaultsAt, FieldError, PrinterColumn } from "../kind.ts";
import { AGE_COLUMN, integerColumn, NAME_COLUMN } from "../meta/columns.ts";
import { duplicate, invalidValue, isEqualJson, NO_FAULTS, notSupported, required } from "../meta/field-error.ts";
import { validateLabelSelector } from "../meta/label-selector-validation.ts";
import { checkEach } from "../meta/long-checks.ts";
import { checkDns1035Label, checkDns1123Subdomain } from "../meta/names.ts";
import { invalidTexts, validateOptionalChoice } from "../meta/value-validation.ts";
import { applyServiceReferenceDefaults, validateWebhookClient } from "../meta/webhook-client.ts";
import type { KubeObject } from "../resource.ts";
import { validateMatchConditions } from "./match-condition.ts";
import { applyRuleDefaults, validateRule } from "./rule.ts";
import { repeatedPlaces } from "../meta/repeats.ts";

export const GROUP = "admissionregistration.k8s.io";

type Webhook = ValidatingWebhook | MutatingWebhook;

const FAILURE_POLICIES = ["Fail", "Ignore"] as const;
const MATCH_POLICIES = ["Equivalent", "Exact"] as const;
const REINVOCATION_POLICIES = ["IfNeeded", "Never"] as const;
const HARMLESS = ["None", "NoneOnDryRun"] as const;
const SIDE_EFFECTS = [...HARMLESS, "Some", "Unknown"] as const;
/** In the order of preference; what a webhook names of them it is sent. */
export const REVIEW_VERSIONS = ["v1", "v1beta1"] as const;
const TIMEOUT_DEFAULT_SECONDS = 10;
const TIMEOUT_MAX_SECONDS = 30;

export const WEBHOOK_COLUMNS: readonly PrinterColumn[] = [
  NAME_COLUMN,
  integerColumn("Webhooks", "How many webhooks the configuration has."),
  AGE_COLUMN,
];

/** As upstream, which reads such configurations from files. */
const STATIC_SUFFIX = ".static.k8s.io";

export function webhookWarnings({ metadata: { name = "" } }: KubeObject): string[] {
  if (!name.endsWith(STATIC_SUFFIX)) return [];
  const what = "are reserved for static manifest-based configurations and cannot be managed via the API";
  return [`metadata.name: names ending with ${JSON.stringify(STATIC_SUFFIX)} ${what}`];
}

export function applyWebhookDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= TIMEOUT_DEFAULT_SECONDS;
  applyRuleDefaults(webhook.rules);
  applyServiceReferenceDefaults(webhook.clientConfig?.service);
}

/** What an older configuration may go on doing although a new one may not. */
interface Leniency {
  readonly sideEffects: boolean;
  readonly reviewVersions: boolean;
  readonly names: boolean;
  readonly conditions: boolean;
}

const NONE: Leniency = { sideEffects: false, reviewVersions: false, names: false, conditions: false };

interface Webhooks extends KubeObject {
  webhooks?: readonly Webhook[];
}

export function validateWebhooks({ webhooks = [] }: Webhooks, faultsAt: FaultsAt = NO_FAULTS): FieldError[] {
  return validateAll(webhooks, NONE, faultsAt);
}

export function validateWebhooksUpdate(
  { webhooks = [] }: Webhooks,
  { webhooks: old = [] }: Webhooks,
  faultsAt: FaultsAt = NO_FAULTS,
): FieldError[] {
  const leniency: Leniency = {
    sideEffects: old.some(({ sideEffects }) => !isHarmless(sideEffects)),
    reviewVersions: old.some(
      ({ admissionReviewVersions: versions }) => versions.length > 0 && !versions.some(isReviewVersion),
    ),
    names: new Set(old.map(({ name }) => name)).size < old.length,
    conditions: isEqualJson(conditionsOf(webhooks), conditionsOf(old)),
  };
  return validateAll(webhooks, leniency, faultsAt);
}

function conditionsOf(webhooks: readonly Webhook[]): readonly MatchCondition[][] {
  return webhooks.map(({ matchConditions = [] }) => matchConditions);
}

function validateAll(webhooks: readonly Webhook[], leniency: Leniency, faultsAt: FaultsAt): FieldError[] {
  const names = new Set<string>();
  return checkEach(webhooks, (webhook, index) => {
    const path = `webhooks[${index}]`;
    const errors = [
      ...validateWebhook(webhook, path, leniency),
      ...(leniency.conditions
        ? []
        : validateMatchConditions(webhook.matchConditions ?? [], `${path}.matchConditions`, faultsAt)),
      ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`, leniency),
    ];
    if (!leniency.names && names.has(webhook.name)) errors.push(duplicate(`${path}.name`, webhook.name));
    if (webhook.name) names.add(webhook.name);
    return errors;
  });
}

function validateWebhook(webhook: Webhook, path: string, leniency: Leniency): FieldError[] {
  const { namespaceSelector, objectSelector, timeoutSeconds } = webhook;
  const errors = [
    ...validateFullName(webhook.name ?? "", `${path}.name`),
    ...checkEach(webhook.rules ?? [], (rule, index) => validateRule(rule, `${path}.rules[${index}]`)),
    ...validateOptionalChoice(webhook.failurePolicy, FAILURE_POLICIES, `${path}.failurePolicy`),
    ...validateOptionalChoice(webhook.matchPolicy, MATCH_POLICIES, `${path}.matchPolicy`),
    ...validateSideEffects(webhook.sideEffects, `${path}.sideEffects`, leniency),
  ];
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_MAX_SECONDS)) {
    const text = `the timeout value must be between 1 and ${TIMEOUT_MAX_SECONDS} seconds`;
    errors.push(invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, text));
  }
  if (namespaceSelector) errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`));
  if (objectSelector) errors.push(...validateLabelSelector(objectSelector, `${path}.objectSelector`));
  if ("reinvocationPolicy" in webhook) {
    const { reinvocationPolicy } = webhook;
    errors.push(...validateOptionalChoice(reinvocationPolicy, REINVOCATION_POLICIES, `${path}.reinvocationPolicy`));
  }
  return [...errors, ...validateWebhookClient(webhook.clientConfig ?? {}, `${path}.clientConfig`)];
}

/** "name.example.com": whose webhook it is shows. */
function validateFullName(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const texts = checkDns1123Subdomain(name);
  if (texts.length > 0) return [invalidValue(path, name, texts.join(","))];
  if (name.split(".").length >= 3) return [];
  return [invalidValue(path, name, "should be a domain with at least three segments separated by dots")];
}

function validateSideEffects(value: string | undefined, path: string, leniency: Leniency): FieldError[] {
  const allowed: readonly string[] = leniency.sideEffects ? SIDE_EFFECTS : HARMLESS;
  if (value === undefined) return [required(path, `must specify one of ${allowed.join(", ")}`)];
  return allowed.includes(value) ? [] : [notSupported(path, value, allowed)];
}

function validateReviewVersions(versions: readonly string[], path: string, leniency: Leniency): FieldError[] {
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEW_VERSIONS.join(", ")}`)];
  const repeated = repeatedPlaces(versions);
  const errors = versions.flatMap((version, index) => {
    const place = `${path}[${index}]`;
    if (repeated.has(index)) return [invalidValue(place, version, "duplicate version")];
    return invalidTexts(place, version, checkDns1035Label(version));
  });
  if (!leniency.reviewVersions && !versions.some(isReviewVersion)) {
    errors.push(invalidValue(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(", ")}`));
  }
  return errors;
}

function isHarmless(sideEffects: string | undefined): boolean {
  return HARMLESS.some((harmless) => harmless === sideEffects);
}

function isReviewVersion(version: string): boolean {
  return REVIEW_VERSIONS.some((known) => known === version);
}
