// Counts what came of asking a webhook, as upstream sorts it.

import type { Clock } from "@atoll/base/clock";
import type { AdmissionMetrics, WebhookFault } from "../../metrics/admission-metrics.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { WebhookInvocation } from "./ask-webhook.ts";
import { WebhookCallError, WebhookDenial } from "./webhook-errors.ts";

const OK = 200;

export interface WebhookCounting {
  readonly metrics: AdmissionMetrics;
  readonly clock: Clock;
}

export async function countWebhook<T>(
  { metrics, clock }: WebhookCounting,
  { operation, caller }: AdmissionRequest,
  { webhook: { name, ignoresFailure }, mayPatch }: WebhookInvocation,
  ask: () => Promise<T>,
): Promise<T> {
  const startMs = clock.monotonicMs();
  const count = (code: number, rejectedFor: WebhookFault | undefined, isMissed: boolean) => {
    const type = mayPatch ? "admit" : "validating";
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    metrics.webhookPassed({ name, type, operation, code, rejectedFor, isMissed, seconds });
  };
  let result: T;
  try {
    result = await ask();
  } catch (thrown) {
    // A client that went away says nothing of the webhook.
    if (caller?.signal.aborted) throw thrown;
    if (thrown instanceof WebhookDenial) count(thrown.code, "no_error", false);
    else if (!(thrown instanceof WebhookCallError)) count(0, "apiserver_internal_error", false);
    else count(thrown.code, ignoresFailure ? undefined : "calling_webhook_error", ignoresFailure);
    throw thrown;
  }
  count(OK, undefined, false);
  return result;
}
