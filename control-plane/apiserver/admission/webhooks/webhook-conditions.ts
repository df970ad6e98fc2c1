// A webhook's match conditions: checked when its configuration is written, held against each request that its rules mean.

import { MutatingWebhookConfiguration } from "@atoll/api/admission-registration/mutating-webhook-configuration/kind";
import { ValidatingWebhookConfiguration } from "@atoll/api/admission-registration/validating-webhook-configuration/kind";
import { hasSameConditions } from "@atoll/api/admission-registration/webhook";
import type { MutatingWebhook, ValidatingWebhook } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import type { Authorizer } from "../../authorization/authorizer.ts";
import { throwIfInvalid } from "../../registry/field-errors.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "../admission.ts";
import { compileConditions, conditionFaults, holdConditions } from "../expressions/match-conditions.ts";
import { AuthorizationAnswers, requestVariables } from "../expressions/request-variables.ts";
import type { VersionedObjects } from "../matching/object-versions.ts";
import type { RequestMatch } from "../matching/request-matcher.ts";
import { forbid } from "../namespace-lifecycle.ts";
import type { Webhook } from "./webhook-list.ts";

/** Whether the webhook is asked. Throws where that cannot be said and the webhook may not be missed. */
export async function meetsConditions(
  authorizer: Authorizer,
  request: AdmissionRequest,
  parts: { readonly webhook: Webhook; readonly match: RequestMatch; readonly objects: VersionedObjects },
): Promise<boolean> {
  const { webhook, match, objects } = parts;
  if (webhook.conditions.length === 0) return true;
  const answers = new AuthorizationAnswers(authorizer, request.user);
  const facts = { request, match, objects, namespace: undefined, params: undefined, answers };
  const verdict = await holdConditions(webhook.conditions, facts, requestVariables(facts));
  if (!("error" in verdict)) return verdict.matches;
  if (webhook.ignoresFailure) return false;
  throw forbid(request, verdict.error);
}

interface Configuration extends KubeObject {
  webhooks?: (ValidatingWebhook | MutatingWebhook)[];
}

/** Conditions that have been taken once stay. */
export function webhookConditions(resources: ResourceTable): AdmissionStep {
  const kinds = new Set(
    [MutatingWebhookConfiguration, ValidatingWebhookConfiguration].map((one) => resources.of(one).kind),
  );
  return {
    name: "WebhookConditions",
    validate({ kind, object, oldObject, name }) {
      if (!object || !kinds.has(kind)) return;
      const { webhooks = [] } = object as Configuration; // the kind says so
      const old = oldObject as Configuration | undefined; // likewise
      if (old && hasSameConditions(webhooks, old.webhooks)) return;
      const faults = webhooks.flatMap(({ matchConditions = [] }, index) =>
        conditionFaults(compileConditions(matchConditions, false), `webhooks[${index}].matchConditions`),
      );
      throwIfInvalid(kind, name, faults);
    },
  };
}
