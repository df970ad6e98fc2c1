// The question to the server of a group version whether it is there, which is also what it has.

import type { Clock } from "@atoll/base/clock";
import { answerOf } from "../outgoing/answer-of.ts";
import { readAnswer } from "../outgoing/read-answer.ts";
import type { User } from "../request/request.ts";
import { identityHeaders } from "./forward-to-remote.ts";
import type { RemoteApi } from "./remote-api-services.ts";

/** Discovery is quick, or it is as good as gone. */
export const CHECK_TIMEOUT_MS = 5000;
export const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

const AGGREGATOR: User = { name: "system:kube-aggregator", groups: ["system:masters"] };

/** The whole answer, whatever its status. Rejects when it has not come to its end in time, and when it is too long. */
export async function askForResources(
  { agent, serverName, service }: Pick<RemoteApi, "agent" | "serverName" | "service">,
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const late = new AbortController();
  using _deadline = clock.setTimer(CHECK_TIMEOUT_MS, () => late.abort(new Error("context deadline exceeded")));
  const ended = AbortSignal.any([late.signal, signal]);
  const headers = { ...identityHeaders(AGGREGATOR), accept: "application/json" } as Record<string, string | string[]>; // lists are not changed
  const request = agent.request({ host: serverName, port: service.port, path, headers }, ended);
  request.end();
  try {
    const message = await answerOf(request, ended);
    return { status: message.statusCode ?? 0, body: await readAnswer(message, DOCUMENT_BYTES_MAX) };
  } catch (error) {
    // To a body's reader the connection alone has ended.
    throw ended.aborted ? ended.reason : error;
  }
}
