// From the claims of a verified token to a user, as the configuration maps them.

import type { JwtIssuerConfiguration } from "@atoll/api/config/authentication";
import type { JWTPayload } from "jose";
import type { User } from "../../request/request.ts";
import { AUTHENTICATED_GROUP } from "../authenticator.ts";

/** Undefined: the token is good and is nobody here. */
export function userOfClaims(
  claims: JWTPayload,
  { claimMappings, claimValidationRules }: Pick<JwtIssuerConfiguration, "claimMappings" | "claimValidationRules">,
): User | undefined {
  for (const { claim, requiredValue } of claimValidationRules) if (claims[claim] !== requiredValue) return undefined;
  const { username, groups, uid } = claimMappings;
  const name = claims[username.claim];
  if (typeof name !== "string" || name === "") return undefined;
  // An address that its owner has not confirmed may be anybody's.
  if (username.claim === "email" && claims.email_verified !== undefined && claims.email_verified !== true) {
    return undefined;
  }
  const groupNames = groups ? stringsOf(claims[groups.claim]) : [];
  if (!groupNames) return undefined;
  const id = uid ? claims[uid.claim] : undefined;
  if (uid && typeof id !== "string") return undefined;
  return {
    name: `${username.prefix}${name}`,
    groups: [...groupNames.map((group) => `${groups?.prefix ?? ""}${group}`), AUTHENTICATED_GROUP],
    ...(typeof id === "string" ? { uid: id } : {}),
    ...(claims.jti ? { extra: { "authentication.kubernetes.io/credential-id": [`JTI=${claims.jti}`] } } : {}),
  };
}

/** One string or many; no claim at all is no group. */
function stringsOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.every((item) => typeof item === "string") ? list : undefined;
}
