// A webhook's match conditions, held against each request that its rules mean.

import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionRequest } from "../admission.ts";
import { holdConditions } from "../expressions/match-conditions.ts";
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
