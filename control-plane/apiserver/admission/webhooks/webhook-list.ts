// The webhooks of all configurations of one kind, ready to be asked. Follows the configurations: what was acknowledged holds
// for the next request whose server has seen it, and as long as there are none nothing is looked up.

import type { MutatingWebhook, ValidatingWebhook } from "@atoll/api/generated/types";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { ObjectFollower } from "../../registry/object-follower.ts";
import type { ResourceTable } from "../../registry/resource-table.ts";
import type { CallTarget } from "../../outgoing/https-caller.ts";
import { webhookTarget } from "../../outgoing/webhook-target.ts";
import { type CompiledCondition, compileConditions } from "../expressions/match-conditions.ts";
import { compileCriteria, type MatchCriteria } from "../matching/request-matcher.ts";

type AnyWebhook = ValidatingWebhook & Pick<MutatingWebhook, "reinvocationPolicy">;

interface Configuration extends KubeObject {
  webhooks?: AnyWebhook[];
}

/** One webhook as it is asked. */
export interface Webhook {
  readonly name: string;
  readonly configurationName: string;
  /** Tells webhooks apart, those of one name in one configuration too. */
  readonly id: string;
  readonly criteria: MatchCriteria;
  readonly conditions: readonly CompiledCondition[];
  readonly target: CallTarget;
  readonly ignoresFailure: boolean;
  readonly timeoutMs: number;
  readonly allowsDryRun: boolean;
  readonly reviewVersions: readonly string[];
  readonly mayBeReinvoked: boolean;
}

const TIMEOUT_DEFAULT_SECONDS = 10;

export class WebhookList {
  readonly #follower: ObjectFollower<Configuration>;
  readonly #configurations = new Map<string, Configuration>();
  #webhooks: readonly Webhook[] = [];
  #isCurrent = true;

  constructor(resources: ResourceTable, resource: Resource<Configuration>) {
    const changed = () => {
      this.#isCurrent = false;
    };
    this.#follower = new ObjectFollower(resources, resource, {
      clear: () => {
        this.#configurations.clear();
        changed();
      },
      add: (configuration) => {
        this.#configurations.set(configuration.metadata.name ?? "", configuration);
        changed();
      },
      remove: ({ metadata: { name = "" } }) => {
        this.#configurations.delete(name);
        changed();
      },
    });
  }

  /** In the order in which they are asked: by the configuration's name, then as they stand there. */
  current(): readonly Webhook[] {
    this.#follower.pull();
    if (!this.#isCurrent) {
      const sorted = [...this.#configurations].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#webhooks = sorted.flatMap(([name, { webhooks = [] }]) => compileConfiguration(name, webhooks));
      this.#isCurrent = true;
    }
    return this.#webhooks;
  }
}

function compileConfiguration(configurationName: string, webhooks: readonly AnyWebhook[]): Webhook[] {
  const seen = new Map<string, number>();
  return webhooks.map((webhook) => {
    const { name, sideEffects, timeoutSeconds = TIMEOUT_DEFAULT_SECONDS } = webhook;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return {
      name,
      configurationName,
      id: `${configurationName}/${name}/${count}`,
      criteria: compileCriteria({
        namespaceSelector: webhook.namespaceSelector,
        objectSelector: webhook.objectSelector,
        resourceRules: webhook.rules ?? [],
        matchPolicy: webhook.matchPolicy,
        matchesWithoutRules: false,
      }),
      conditions: compileConditions(webhook.matchConditions ?? [], false),
      target: webhookTarget(webhook.clientConfig),
      ignoresFailure: webhook.failurePolicy === "Ignore",
      timeoutMs: timeoutSeconds * 1000,
      allowsDryRun: sideEffects === "None" || sideEffects === "NoneOnDryRun",
      reviewVersions: webhook.admissionReviewVersions,
      mayBeReinvoked: webhook.reinvocationPolicy === "IfNeeded",
    };
  });
}
