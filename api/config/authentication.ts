// Upstream's AuthenticationConfiguration, as far as it is served: tokens of other issuers (OpenID Connect). Whether its expressions
// (CEL) are sound is checked where they are compiled; what may stand beside what, here.

import { z } from "zod";

/** More issuers than this are refused, as upstream does. */
const ISSUERS_MAX = 64;
const NOT_BOTH = "claim and expression can't both be set";
const ONE_OF_BOTH = "claim or expression is required";

const issuerUrl = z.url({ protocol: /^https$/ });
const expression = z.string().min(1);

/** A claim, with what is put before its value so that nobody's name collides with others'; or an expression over the claims. */
const nameMapping = z
  .strictObject({
    claim: z.string().min(1).optional(),
    prefix: z.string().optional(),
    expression: expression.optional(),
  })
  .check(({ value, issues }) => {
    const refuse = (message: string, ...path: string[]) => issues.push({ code: "custom", input: value, path, message });
    if (value.claim !== undefined && value.expression !== undefined) refuse(NOT_BOTH);
    else if (value.claim === undefined && value.expression === undefined) refuse(ONE_OF_BOTH);
    else if (value.expression !== undefined && value.prefix !== undefined) {
      refuse("may not be specified when expression is set", "prefix");
    } else if (value.claim !== undefined && value.prefix === undefined) {
      refuse("prefix is required when claim is set. It can be set to an empty string to disable prefixing", "prefix");
    }
  });
export type NameMapping = z.infer<typeof nameMapping>;

const uidMapping = z
  .strictObject({ claim: z.string().min(1).optional(), expression: expression.optional() })
  .refine((uid) => uid.claim === undefined || uid.expression === undefined, NOT_BOTH);

/** What a token must say: a claim of a value, or an expression over the claims that is true. */
const claimRule = z
  .strictObject({
    claim: z.string().min(1).optional(),
    requiredValue: z.string().optional(),
    expression: expression.optional(),
    message: z.string().optional(),
  })
  .check(({ value, issues }) => {
    const refuse = (message: string, ...path: string[]) => issues.push({ code: "custom", input: value, path, message });
    if (value.claim !== undefined && value.expression !== undefined) refuse(NOT_BOTH);
    else if (value.claim === undefined && value.expression === undefined) refuse(ONE_OF_BOTH);
    else if (value.claim !== undefined && value.message) refuse("may not be specified when claim is set", "message");
    else if (value.expression !== undefined && value.requiredValue) {
      refuse("may not be specified when expression is set", "requiredValue");
    }
  });

/** The key is a path in a domain that is not Kubernetes' own. */
const extraMapping = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[^A-Z/][^A-Z]*$/, "must be a domain-prefixed path in lower case")
    .refine(
      (key) => !/^([^/]+\.)?(kubernetes|k8s)\.io\//.test(key),
      "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use",
    ),
  valueExpression: expression,
});

/** What is true of every user that comes out. */
const userRule = z.strictObject({ expression, message: z.string().optional() });

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
  claimValidationRules: distinct(claimRule, (rule) => rule.claim ?? rule.expression ?? ""),
  claimMappings: z.strictObject({
    username: nameMapping,
    groups: nameMapping.optional(),
    uid: uidMapping.optional(),
    extra: distinct(extraMapping, ({ key }) => key),
  }),
  userValidationRules: distinct(userRule, (rule) => rule.expression),
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
  /** Absent: whoever shows no credentials is anonymous, and may do what roles give him. */
  anonymous: z
    .strictObject({
      enabled: z.boolean(),
      /** Paths for which somebody may be anonymous, as they are asked for; none: all. */
      conditions: z.array(z.strictObject({ path: z.string().min(1) })).default([]),
    })
    .refine(
      ({ enabled, conditions }) => enabled || conditions.length === 0,
      "enabled should be set to true when conditions are defined",
    )
    .optional(),
});
export type AuthenticationConfiguration = z.infer<typeof authenticationConfiguration>;

/** What an issuer publishes of itself (OpenID Connect Discovery), as far as it is used. */
export const issuerDiscovery = z.object({ issuer: z.string(), jwks_uri: issuerUrl });

/** An issuer's public keys (RFC 7517); what belongs to each type is checked where the key is used. */
export const issuerKeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1000) });

/** A list, none unless told otherwise, of which no two have the same name. */
function distinct<Item extends z.ZodType>(item: Item, nameOf: (item: z.output<Item>) => string) {
  return z
    .array(item)
    .refine((list) => new Set(list.map(nameOf)).size === list.length, "the same is said twice")
    .default([]);
}
