// What a token for joining hosts is, as `kubeadm token` writes it: a Secret in kube-system.

import type { Secret } from "@atoll/api/core/secret/kind";

export const BOOTSTRAP_TOKEN_TYPE = "bootstrap.kubernetes.io/token";
export const BOOTSTRAP_NAMESPACE = "kube-system";
const NAME_PREFIX = "bootstrap-token-";

export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** Undefined: it has no end. */
  readonly endMs: number | undefined;
  readonly mayBeUsedForSigning: boolean;
}

/** Undefined: not one, or one that says something wrong of itself. */
export function readBootstrapToken({ metadata, type, data = {} }: Secret): BootstrapToken | undefined {
  if (type !== BOOTSTRAP_TOKEN_TYPE || metadata.namespace !== BOOTSTRAP_NAMESPACE) return undefined;
  const field = (name: string) => atob(data[name] ?? "");
  const [id, secret, expiration] = [field("token-id"), field("token-secret"), field("expiration")];
  if (!/^[a-z0-9]{6}$/.test(id) || !/^[a-z0-9]{16}$/.test(secret)) return undefined;
  if (metadata.name !== `${NAME_PREFIX}${id}`) return undefined;
  const endMs = expiration === "" ? undefined : Date.parse(expiration);
  // An end that cannot be read is over: the token must not live for ever by a slip of the pen.
  const end = Number.isNaN(endMs) ? 0 : endMs;
  return { id, secret, endMs: end, mayBeUsedForSigning: field("usage-bootstrap-signing") === "true" };
}
