// Upstream's audit Policy: what of each request is written down. The first rule that a request matches says it.

import { z } from "zod";

/** More rules than this are a mistake, and each costs every request. */
const RULES_MAX = 1000;

const level = z.enum(["None", "Metadata", "Request", "RequestResponse"]);
const stage = z.enum(["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]);
const words = z.array(z.string()).default([]);

const rule = z.strictObject({
  level,
  users: words,
  userGroups: words,
  verbs: words,
  resources: z
    .array(z.strictObject({ group: z.string().default(""), resources: words, resourceNames: words }))
    .default([]),
  namespaces: words,
  nonResourceURLs: words,
  omitStages: z.array(stage).default([]),
  omitManagedFields: z.boolean().optional(),
});

export const auditPolicy = z.strictObject({
  apiVersion: z.literal("audit.k8s.io/v1"),
  kind: z.literal("Policy"),
  metadata: z.looseObject({}).optional(),
  rules: z.array(rule).min(1).max(RULES_MAX),
  omitStages: z.array(stage).default([]),
  omitManagedFields: z.boolean().default(false),
});

export type AuditPolicy = z.infer<typeof auditPolicy>;
export type AuditRule = z.infer<typeof rule>;
export type AuditLevel = z.infer<typeof level>;
export type AuditStage = z.infer<typeof stage>;
