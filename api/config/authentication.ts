// Upstream's AuthenticationConfiguration, as far as it is served: tokens of other issuers (OpenID Connect), with claims mapped
// by name. Expressions (CEL) are refused with their path, for a rule that is read over would let people in.

import { z } from "zod";

/** More issuers than this are refused, as upstream does. */
const ISSUERS_MAX = 64;

const issuerUrl = z.url({ protocol: /^https$/ });

/** A claim, and what is put before its value so that nobody's name collides with others'. */
const prefixedClaim = z.strictObject({ claim: z.string().min(1), prefix: z.string() });

const jwtIssuer = z.strictObject({
  issuer: z.strictObject({
    /** The tokens' `iss`; `<url>/.well-known/openid-configuration` names the keys. */
    url: issuerUrl,
    /** Where the configuration is fetched, if not there. */
    discoveryURL: issuerUrl.optional(),
    /** PEM; absent: the machine's authorities. */
    certificateAuthority: z.string().optional(),
    /** A token must be meant for one of them. */
    audiences: z.array(z.string().min(1)).min(1),
    audienceMatchPolicy: z.literal("MatchAny").optional(),
  }),
  claimValidationRules: z
    .array(z.strictObject({ claim: z.string().min(1), requiredValue: z.string().default("") }))
    .default([]),
  claimMappings: z.strictObject({
    username: prefixedClaim,
    groups: prefixedClaim.optional(),
    uid: z.strictObject({ claim: z.string().min(1) }).optional(),
  }),
});
export type JwtIssuerConfiguration = z.infer<typeof jwtIssuer>;

export const authenticationConfiguration = z.strictObject({
  apiVersion: z.enum(["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1"]),
  kind: z.literal("AuthenticationConfiguration"),
  jwt: z
    .array(jwtIssuer)
    .max(ISSUERS_MAX)
    .refine((list) => new Set(list.map(({ issuer }) => issuer.url)).size === list.length, "two issuers have one URL")
    .default([]),
});
export type AuthenticationConfiguration = z.infer<typeof authenticationConfiguration>;

/** What an issuer publishes of itself (OpenID Connect Discovery), as far as it is used. */
export const issuerDiscovery = z.object({ issuer: z.string(), jwks_uri: issuerUrl });

/** An issuer's public keys (RFC 7517); what belongs to each type is checked where the key is used. */
export const issuerKeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1000) });
