// Tokens that new hosts join with: short-lived Secrets in kube-system, which administrators make and `kubeadm token` knows.

import { timingSafeEqual } from "node:crypto";
import type { Secret } from "@atoll/api/core/secret/kind";
import { Secret as Secrets } from "@atoll/api/core/secret/kind";
import type { Clock } from "@atoll/base/clock";
import type { ResourceTable } from "../registry/resource-table.ts";
import { AUTHENTICATED_GROUP } from "./authenticator.ts";
import { type TokenVerifier, unauthorized, type VerifiedToken } from "./bearer-tokens.ts";

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const NAMESPACE = "kube-system";
const NAME_PREFIX = "bootstrap-token-";
const TYPE = "bootstrap.kubernetes.io/token";
const GROUP = "system:bootstrappers";
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export class BootstrapTokens implements TokenVerifier {
  readonly #resources: ResourceTable;
  readonly #clock: Clock;

  constructor(resources: ResourceTable, clock: Clock) {
    this.#resources = resources;
    this.#clock = clock;
  }

  async verify(token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> {
    const match = TOKEN.exec(token);
    if (!match) return undefined;
    const [, id = "", value = ""] = match;
    const secrets = this.#resources.of(Secrets);
    const stored = await secrets.get(secrets.keyOf(NAMESPACE, `${NAME_PREFIX}${id}`));
    const secret = stored?.object as Secret | undefined; // the store holds Secrets only
    if (secret?.type !== TYPE || secret.metadata.deletionTimestamp) throw unauthorized();
    const field = (name: string) => Buffer.from(secret.data?.[name] ?? "", "base64").toString();
    if (field("token-id") !== id || !isSame(field("token-secret"), value)) throw unauthorized();
    if (this.#isOver(field("expiration")) || field("usage-bootstrap-authentication") !== "true") throw unauthorized();
    const extraGroups = field("auth-extra-groups").split(",").filter(Boolean);
    // One wrong group spoils the token: nobody should find out by missing rights.
    if (extraGroups.some((group) => !EXTRA_GROUP.test(group))) throw unauthorized();
    const user = { name: `system:bootstrap:${id}`, groups: [GROUP, ...extraGroups, AUTHENTICATED_GROUP] };
    return { user, audiences };
  }

  #isOver(expiration: string): boolean {
    if (expiration === "") return false;
    const endMs = Date.parse(expiration);
    return Number.isNaN(endMs) || endMs <= this.#clock.now();
  }
}

function isSame(held: string, given: string): boolean {
  const [left, right] = [Buffer.from(held), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
