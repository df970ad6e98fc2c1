// A request for a group version that somebody else serves, sent on in the name of the user who asked. Who he is, this server
// has found out; the other believes it for this server's certificate.

import type { Clock } from "@atoll/base/clock";
import type { Tracer } from "@atoll/base/tracing";
import { forwardRequest, responseOf } from "../proxying/forward-request.ts";
import type { RequestContext } from "../request/context.ts";
import { type ApiResponse, EMPTY_BODY, textResponse, type User } from "../request/request.ts";
import type { RemoteApi } from "./remote-api-services.ts";

const REMOTE_PREFIX = "x-remote-";

export async function respondRemote(
  context: RequestContext,
  api: RemoteApi,
  { tracer, clock }: { readonly tracer: Tracer; readonly clock: Clock },
): Promise<ApiResponse> {
  const { request, user } = context;
  if (!api.isAvailable) return textResponse(503, "service unavailable\n");
  const identity = identityHeaders(user);
  const host = `${api.serverName}:${api.service.port}`;
  if (request.wantsUpgrade) {
    const open = () => api.agent.open(api.serverName, request.signal);
    const tunnel = { host, target: request.target, headers: { ...identity, ...tracer.outgoingHeaders() }, open };
    return { status: 101, headers: {}, body: EMPTY_BODY, tunnel };
  }
  // Nobody but this server says here who somebody is.
  const claimed = Object.keys(request.headers).filter((name) => name.startsWith(REMOTE_PREFIX));
  const message = await forwardRequest({
    request,
    path: request.target,
    headers: {
      ...Object.fromEntries(claimed.map((name) => [name, undefined])),
      ...identity,
      ...tracer.outgoingHeaders(),
      host,
    },
    connection: { agent: api.agent, host: api.serverName, port: api.service.port },
    signal: request.signal,
    clock,
  });
  const status = message.statusCode ?? 502;
  if (status >= 300 && status < 400 && message.headers.location) {
    message.destroy();
    return textResponse(502, "the backend attempted to redirect this request, which is not permitted");
  }
  return responseOf(message);
}

export function identityHeaders({ name, uid, groups, extra = {} }: User): Record<string, string | readonly string[]> {
  return {
    "x-remote-user": name,
    ...(uid ? { "x-remote-uid": uid } : {}),
    ...(groups.length > 0 ? { "x-remote-group": groups } : {}),
    ...Object.fromEntries(
      Object.entries(extra).map(([field, values]) => [
        `x-remote-extra-${encodeURIComponent(field).toLowerCase()}`,
        values,
      ]),
    ),
  };
}
