// The two steps of admission in which other people's servers decide: first, one after the other, those that may change the
// object; at the end, all at once, those that only check it. What a webhook changes is read again as if a client had sent it.

import { MutatingWebhookConfiguration } from "@atoll/api/admission-registration/mutating-webhook-configuration/kind";
import { ValidatingWebhookConfiguration } from "@atoll/api/admission-registration/validating-webhook-configuration/kind";
import type { SchemaModel } from "@atoll/api/schema";
import type { Logger } from "@atoll/base/log";
import { ApiError } from "@atoll/machinery/object/api-error";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep, MutationRounds } from "../admission.ts";
import { type ConvertObject, ObjectVersions } from "../matching/object-versions.ts";
import { isExemptFromAdmission, RequestMatcher } from "../matching/request-matcher.ts";
import { askWebhook, type WebhookCalls, type WebhookInvocation } from "./ask-webhook.ts";
import { meetsConditions } from "./webhook-conditions.ts";
import { applyWebhookPatch } from "./webhook-patch.ts";
import { countWebhook, type WebhookCounting } from "./count-webhook.ts";
import { internalError, WebhookCallError } from "./webhook-errors.ts";
import { type Webhook, WebhookList } from "./webhook-list.ts";

export interface WebhookStepOptions extends WebhookCalls, WebhookCounting {
  readonly resources: ResourceTable;
  readonly model: SchemaModel;
  readonly convert: ConvertObject;
  readonly log: Logger;
  readonly authorizer: Authorizer;
}

const MUTATION_PREFIX = "mutation.webhook.admission.k8s.io/";
const PATCH_PREFIX = "patch.webhook.admission.k8s.io/";
const VALIDATING_PREFIX = "validating.webhook.admission.k8s.io/";
const FAILED_OPEN = "failed-open.";

export function mutatingWebhooks(options: WebhookStepOptions): AdmissionStep {
  const list = new WebhookList(options.resources, MutatingWebhookConfiguration);
  const matcher = new RequestMatcher(options.resources);
  const name = "MutatingAdmissionWebhook";
  return {
    name,
    seesEverything: true,
    mutate(request, rounds) {
      const webhooks = list.current();
      if (webhooks.length === 0 || isExemptFromAdmission(request)) return undefined;
      const notes = rounds.notesOf(name, () => new InvocationNotes());
      return new Mutation({ options, matcher, request, rounds, notes }).run(webhooks);
    },
  };
}

/** Which webhooks have been asked, and which have to be asked again. */
class InvocationNotes {
  readonly #asked = new Set<string>();
  readonly #wanted = new Set<string>();
  /** The object as the last webhook left it, as text. */
  lastOutput = "";

  remember({ id, mayBeReinvoked }: Webhook): void {
    if (mayBeReinvoked) this.#asked.add(id);
  }

  /** Something has changed that those asked so far have not seen. */
  wantAgain(): void {
    for (const id of this.#asked) this.#wanted.add(id);
    this.#asked.clear();
  }

  isWantedAgain({ id }: Webhook): boolean {
    return this.#wanted.has(id);
  }
}

interface MutationParts {
  readonly options: WebhookStepOptions;
  readonly matcher: RequestMatcher;
  readonly request: AdmissionRequest;
  readonly rounds: MutationRounds;
  readonly notes: InvocationNotes;
}

/** One request's way through the changing webhooks, in one round. */
class Mutation {
  readonly #parts: MutationParts;

  constructor(parts: MutationParts) {
    this.#parts = parts;
  }

  async run(webhooks: readonly Webhook[]): Promise<void> {
    const { options, request, rounds, notes } = this.#parts;
    // Steps of this server have changed the object again: then everybody looks again.
    if (rounds.isSecond && notes.lastOutput !== JSON.stringify(request.object)) notes.wantAgain();
    let isAny = false;
    for (const [index, webhook] of webhooks.entries()) {
      if (rounds.isSecond && !notes.isWantedAgain(webhook)) continue;
      const match = await this.#parts.matcher.match(webhook.criteria, request);
      if (!match) continue;
      const objects = await new ObjectVersions(request, options.convert).of(match);
      if (!(await meetsConditions(options.authorizer, request, { webhook, match, objects }))) continue;
      isAny = true;
      await this.#ask({ webhook, match, objects, mayPatch: true }, index);
    }
    if (isAny && !rounds.isSecond) notes.lastOutput = JSON.stringify(request.object);
  }

  async #ask(invocation: WebhookInvocation, index: number): Promise<void> {
    const { webhook, match, objects } = invocation;
    const { options, request, rounds, notes } = this.#parts;
    const key = `round_${rounds.isSecond ? 1 : 0}_index_${index}`;
    let isChanged = false;
    try {
      const patched = await countWebhook(options, request, invocation, async () => {
        const answer = await askWebhook(options, request, invocation);
        return applyWebhookPatch(options, request, { webhook, match, objects, answer });
      });
      if (patched) {
        isChanged = patched.isChanged;
        rounds.isForeign = true;
        const { configurationName: configuration, name } = webhook;
        const value = { configuration, webhook: name, patch: patched.patch, patchType: "JSONPatch" };
        request.annotations?.add(PATCH_PREFIX + key, JSON.stringify(value), "Request");
      }
      if (isChanged) {
        notes.wantAgain();
        rounds.needsSecond = true;
      }
    } catch (error) {
      failOpenOrThrow(error, { webhook, request, log: options.log, key: FAILED_OPEN + MUTATION_PREFIX + key });
    } finally {
      const { configurationName: configuration, name } = webhook;
      const value = JSON.stringify({ configuration, webhook: name, mutated: isChanged });
      request.annotations?.add(MUTATION_PREFIX + key, value);
    }
    notes.remember(webhook);
  }
}

export function validatingWebhooks(options: WebhookStepOptions): AdmissionStep {
  const list = new WebhookList(options.resources, ValidatingWebhookConfiguration);
  const matcher = new RequestMatcher(options.resources);
  return {
    name: "ValidatingAdmissionWebhook",
    seesEverything: true,
    validate(request) {
      const webhooks = list.current();
      if (webhooks.length === 0 || isExemptFromAdmission(request)) return undefined;
      return validateByAll({ options, matcher, request }, webhooks);
    },
  };
}

async function validateByAll(
  { options, matcher, request }: Pick<MutationParts, "options" | "matcher" | "request">,
  webhooks: readonly Webhook[],
): Promise<void> {
  const versions = new ObjectVersions(request, options.convert);
  const invocations: WebhookInvocation[] = [];
  for (const webhook of webhooks) {
    const match = await matcher.match(webhook.criteria, request);
    if (!match) continue;
    const objects = await versions.of(match);
    if (!(await meetsConditions(options.authorizer, request, { webhook, match, objects }))) continue;
    invocations.push({ webhook, match, objects, mayPatch: false });
  }
  const refusals: unknown[] = [];
  const ask = async (invocation: WebhookInvocation, index: number) => {
    const { webhook } = invocation;
    try {
      await countWebhook(options, request, invocation, () => askWebhook(options, request, invocation));
    } catch (error) {
      const key = `${FAILED_OPEN}${VALIDATING_PREFIX}round_0_index_${index}`;
      try {
        failOpenOrThrow(error, { webhook, request, log: options.log, key });
      } catch (refusal) {
        refusals.push(refusal);
      }
    }
  };
  await Promise.all(invocations.map(ask));
  // Whoever was first to refuse is heard.
  if (refusals.length > 0) throw refusals[0];
}

/** A webhook that could not be asked stops the request, unless its configuration says that it may be missed. */
function failOpenOrThrow(
  error: unknown,
  parts: { readonly webhook: Webhook; readonly request: AdmissionRequest; readonly log: Logger; readonly key: string },
): void {
  if (!(error instanceof WebhookCallError)) throw error;
  const { webhook, request, log, key } = parts;
  const { name, configurationName, ignoresFailure } = webhook;
  log.info("Webhook could not be asked", { webhook: name, configuration: configurationName, ignoresFailure, error });
  if (!ignoresFailure) throw internalError(error.message, error);
  if (request.caller?.signal.aborted) {
    throw new ApiError("Timeout", "Timeout: request did not complete within requested timeout", { cause: error });
  }
  request.annotations?.add(key, name);
}
