// An audit event, in the words of audit.k8s.io/v1.

import type { AuditLevel, AuditStage } from "@atoll/api/config/audit-policy";
import { formatMicroTime } from "@atoll/base/clock";
import { isRecord } from "@atoll/base/is-record";
import type { RequestContext } from "../request/context.ts";
import type { User } from "../request/request.ts";
import { userInfo } from "../request/user-info.ts";
import type { AuditDecision } from "./audit-rules.ts";

/** What is known of a request by its end. */
export interface AuditedRequest {
  readonly context: RequestContext;
  readonly decision: AuditDecision;
  readonly auditId: string;
  /** As authentication said, before anybody was impersonated. */
  readonly user: User;
  readonly receivedMs: number;
  requestObject?: unknown;
}

export interface AuditedAnswer {
  readonly status: number;
  readonly object?: unknown;
}

const LEVELS: readonly AuditLevel[] = ["None", "Metadata", "Request", "RequestResponse"];

export function isAtLeast(level: AuditLevel, wanted: AuditLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
}

export function auditEvent(
  request: AuditedRequest,
  stage: AuditStage,
  answer: AuditedAnswer | undefined,
  nowMs: number,
): object {
  const { context, decision, auditId, user, receivedMs, requestObject } = request;
  const { info, request: sent } = context;
  const { level } = decision;
  const annotations = context.annotations.all().filter((entry) => isAtLeast(level, entry.level));
  const withBodies = stage !== "RequestReceived";
  const clean = (value: unknown) => (decision.omitManagedFields ? withoutManagedFields(value) : value);
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level,
    auditID: auditId,
    stage,
    requestURI: sent.target,
    verb: info.verb,
    user: userInfo(user),
    ...(context.user === user ? {} : { impersonatedUser: userInfo(context.user) }),
    ...(context.impersonationConstraint === undefined
      ? {}
      : { authenticationMetadata: { impersonationConstraint: context.impersonationConstraint } }),
    ...(sent.remoteAddress === undefined ? {} : { sourceIPs: [sent.remoteAddress] }),
    ...(sent.headers["user-agent"] === undefined ? {} : { userAgent: sent.headers["user-agent"] }),
    ...(info.isResourceRequest ? { objectRef: referenceOf(request) } : {}),
    ...(answer ? { responseStatus: statusOf(answer) } : {}),
    ...(withBodies && isAtLeast(level, "Request") && requestObject !== undefined
      ? { requestObject: clean(requestObject) }
      : {}),
    ...(isAtLeast(level, "RequestResponse") && answer?.object !== undefined
      ? { responseObject: clean(answer.object) }
      : {}),
    requestReceivedTimestamp: formatMicroTime(receivedMs),
    stageTimestamp: formatMicroTime(nowMs),
    ...(annotations.length > 0
      ? { annotations: Object.fromEntries(annotations.map(({ key, value }) => [key, value])) }
      : {}),
  };
}

function referenceOf({ context: { info } }: AuditedRequest): object {
  const { resource, namespace, name, group, version, subresource } = info;
  const parts = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== ""));
}

function statusOf({ status, object }: AuditedAnswer): object {
  if (!isRecord(object) || object.kind !== "Status") return { metadata: {}, code: status };
  const { message, reason, status: word } = object;
  return {
    metadata: {},
    ...(word ? { status: word } : {}),
    ...(message ? { message } : {}),
    ...(reason ? { reason } : {}),
    code: status,
  };
}

/** Of the object and, in a list, of each item. */
function withoutManagedFields(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { metadata, items } = value;
  const clean = { ...value };
  if (isRecord(metadata) && "managedFields" in metadata) {
    const { managedFields: _managedFields, ...rest } = metadata;
    clean.metadata = rest;
  }
  if (Array.isArray(items)) clean.items = items.map(withoutManagedFields);
  return clean;
}
