// Writes down what the policy asks for: who asked for what, when, and what came of it. In the chain only where there is a
// policy; it stands behind authentication, before anybody acts as somebody else.

import type { AuditPolicy, AuditStage } from "@atoll/api/config/audit-policy";
import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import { ApiError } from "@atoll/machinery/object/api-error";
import { auditEvent, type AuditedAnswer, type AuditedRequest, isAtLeast } from "../audit/audit-event.ts";
import type { AuditSink } from "../audit/audit-sink.ts";
import { decideAudit } from "../audit/audit-rules.ts";
import { PROTOBUF_TYPE } from "../protobuf/envelope.ts";
import { decodeProtobufBody } from "../protobuf/decode-protobuf.ts";
import type { Handler, RequestContext } from "../request/context.ts";
import { whenEnded } from "../request/ended-body.ts";
import { PiecedBody } from "../request/pieced-body.ts";
import type { ApiResponse } from "../request/request.ts";

export interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly sinks: readonly AuditSink[];
}

export function auditRequests(
  { policy, sinks }: AuditOptions,
  { model, clock }: { readonly model: SchemaModel; readonly clock: Clock },
): Handler {
  const definitionOf = definitionsByKind(model);
  const decode = (bytes: Uint8Array, type: string | undefined) => decodeBody(bytes, type, { model, definitionOf });
  return async (context, next) => {
    const decision = decideAudit(policy, context.user, context.info);
    if (decision.level === "None") return next();
    const audited: AuditedRequest = {
      context,
      decision,
      auditId: context.responseHeaders["audit-id"] ?? "",
      user: context.user,
      receivedMs: clock.now(),
    };
    const write = (stage: AuditStage, answer?: AuditedAnswer) => {
      if (decision.omitStages.has(stage)) return;
      const event = JSON.stringify(auditEvent(audited, stage, answer, clock.now()));
      for (const sink of sinks) sink.write(event);
    };
    write("RequestReceived");
    if (isAtLeast(decision.level, "Request")) keepBody(context, audited, decode);
    let response: ApiResponse;
    try {
      response = await next();
    } catch (error) {
      const apiError = ApiError.from(error);
      write("ResponseComplete", { status: apiError.code, object: apiError.toStatus() });
      throw error;
    }
    const { body, status, headers } = response;
    if (body instanceof Uint8Array || body instanceof PiecedBody) {
      const wanted = isAtLeast(decision.level, "RequestResponse") ? body : undefined;
      const whole = wanted instanceof PiecedBody ? wanted.whole() : wanted;
      write("ResponseComplete", { status, object: whole && decode(whole, headers["content-type"]) });
      return response;
    }
    write("ResponseStarted", { status });
    const complete = () => write("ResponseComplete", { status });
    return { ...response, body: whenEnded(body, complete) };
  };
}

/** Whoever reads the body of the request leaves it here, too. */
function keepBody(
  context: RequestContext,
  audited: AuditedRequest,
  decode: (bytes: Uint8Array, type: string | undefined) => unknown,
): void {
  const { request } = context;
  const { body } = request;
  context.request = Object.create(request, {
    body: {
      value: {
        async read(bytesMax: number) {
          const bytes = await body.read(bytesMax);
          if (bytes.length > 0) audited.requestObject = decode(bytes, request.headers["content-type"]);
          return bytes;
        },
      },
    },
  }) as RequestContext["request"]; // the same request with another body
}

/** Undefined for what is no object: a log does not fail a request. */
function decodeBody(
  bytes: Uint8Array,
  type: string | undefined,
  {
    model,
    definitionOf,
  }: { readonly model: SchemaModel; readonly definitionOf: (version: string, kind: string) => string | undefined },
): unknown {
  try {
    if (type?.startsWith(PROTOBUF_TYPE)) return decodeProtobufBody(bytes, model, definitionOf).value;
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

function definitionsByKind(model: SchemaModel): (version: string, kind: string) => string | undefined {
  const byKind = new Map<string, string>();
  for (const [name, { kinds = [] }] of Object.entries(model.definitions)) {
    for (const { group, version, kind } of kinds)
      byKind.set(`${group === "" ? "" : `${group}/`}${version} ${kind}`, name);
  }
  return (version, kind) => byKind.get(`${version} ${kind}`);
}
