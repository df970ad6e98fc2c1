// Asks one webhook about one request.

import { randomUuid, type Random } from "@atoll/base/random";
import { type Answer, type Call, CallError, type PostJson } from "../../outgoing/https-caller.ts";
import { describeStatus } from "../../outgoing/describe-status.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { VersionedObjects } from "../matching/object-versions.ts";
import type { RequestMatch } from "../matching/request-matcher.ts";
import { chooseVersion, formatReview, readAnswer, type ReviewAnswer } from "./admission-review.ts";
import {
  BAD_REQUEST,
  deniedRequest,
  dryRunUnsupported,
  SERVICE_UNAVAILABLE,
  WebhookCallError,
} from "./webhook-errors.ts";
import type { Webhook } from "./webhook-list.ts";

/** A patch can be no larger than what a request may bring; twice that for its encoding. */
const ANSWER_BYTES_MAX = 6 * 1024 * 1024;

export interface WebhookCalls {
  readonly post: PostJson;
  readonly random: Random;
}

/** What is to be asked: the request as this webhook sees it. */
export interface WebhookInvocation {
  readonly webhook: Webhook;
  readonly match: RequestMatch;
  readonly objects: VersionedObjects;
  readonly mayPatch: boolean;
}

/** The webhook's consent. Throws WebhookCallError when there was no usable answer, and ApiError when it said no. */
export async function askWebhook(
  { post, random }: WebhookCalls,
  request: AdmissionRequest,
  { webhook, match, objects, mayPatch }: WebhookInvocation,
): Promise<ReviewAnswer> {
  const { name, timeoutMs } = webhook;
  if (request.dryRun && !webhook.allowsDryRun) throw dryRunUnsupported(name);
  const version = chooseVersion(webhook.reviewVersions);
  if (!version) {
    const why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)";
    throw new WebhookCallError(name, `could not create admission objects: ${why}`, { code: BAD_REQUEST });
  }
  const uid = randomUuid(random);
  const body = formatReview({ version, uid, request, match, objects });
  const signal = request.caller?.signal;
  // As upstream counts it: a checking webhook that is not there is a bad request, a changing one an absent service.
  const code = mayPatch ? SERVICE_UNAVAILABLE : BAD_REQUEST;
  const answer = await send(post, webhook, { body, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX, signal }, code);
  if (answer.status < 200 || answer.status > 299) {
    const reason = `failed to call webhook: ${describeStatus(answer.status, answer.body)}`;
    throw new WebhookCallError(name, reason, { code: answer.status });
  }
  const read = readAnswer(answer.body, { version, uid, mayPatch });
  if ("fault" in read) {
    throw new WebhookCallError(name, `received invalid webhook response: ${read.fault}`, { code: SERVICE_UNAVAILABLE });
  }
  for (const [key, value] of Object.entries(read.auditAnnotations)) request.annotations?.add(`${name}/${key}`, value);
  request.warnings.push(...read.warnings);
  if (!read.isAllowed) throw deniedRequest(name, read.result);
  return read;
}

async function send(post: PostJson, { name, target }: Webhook, call: Call, code: number): Promise<Answer> {
  try {
    return await post(target, call);
  } catch (thrown) {
    if (!(thrown instanceof CallError)) throw thrown;
    throw new WebhookCallError(name, `failed to call webhook: ${thrown.message}`, { cause: thrown, code });
  }
}
