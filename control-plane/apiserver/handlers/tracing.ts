import type { Tracer } from "@atoll/base/tracing";
import { ApiError } from "@atoll/machinery/object/api-error";
import { MASTERS_GROUP } from "../authentication/authenticator.ts";
import type { Handler, RequestContext } from "../request/context.ts";
import type { RequestInfo } from "../request/request-info.ts";

/** Whose traces go on here, as upstream has it: for all others the server decides what is recorded. */
const TRUSTED_GROUPS = [MASTERS_GROUP, "system:monitoring"];
const SERVER_FAULT = 500;

/** A span for each request, from when it is known who asks until the answer's status is. After "authentication". */
export function traceRequests(tracer: Tracer): Handler {
  return (context, next) => {
    const { request, user } = context;
    const isTrusted = TRUSTED_GROUPS.some((group) => user.groups.includes(group));
    const traced = { headers: request.headers, isTrusted };
    return tracer.inRequestSpan(spanName(context), traced, attributesOf(context), async (span) => {
      try {
        const response = await next();
        span.set({ "http.response.status_code": response.status });
        return response;
      } catch (thrown) {
        const { code } = ApiError.from(thrown);
        span.set({ "http.response.status_code": code });
        if (code >= SERVER_FAULT) span.fail(thrown);
        throw thrown;
      }
    });
  };
}

/** As upstream's: the path with what clients choose left out, so that names are few. */
function spanName({ info, request }: RequestContext): string {
  return info.isResourceRequest ? `${request.method} ${pathTemplate(info)}` : request.method;
}

function pathTemplate({ group, version, namespace, resource, name, subresource }: RequestInfo): string {
  const parts = group === "" ? ["api", version] : ["apis", group, version];
  if (namespace !== "") parts.push("namespaces", "{:namespace}");
  parts.push(resource);
  if (name !== "") parts.push("{:name}");
  if (subresource !== "") parts.push(subresource);
  return `/${parts.join("/")}`;
}

/** Named as in OpenTelemetry's conventions for HTTP; "audit-id" leads to the audit log. */
function attributesOf({ info, request, responseHeaders }: RequestContext): Readonly<Record<string, string>> {
  const query = info.query.toString();
  return {
    "http.request.method": request.method,
    "url.path": info.path,
    ...(query === "" ? {} : { "url.query": query }),
    "user_agent.original": request.headers["user-agent"] ?? "",
    ...(request.remoteAddress === undefined ? {} : { "client.address": request.remoteAddress }),
    "audit-id": responseHeaders["audit-id"] ?? "",
  };
}
