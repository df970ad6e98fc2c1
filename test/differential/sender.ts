import { Agent, request } from "node:https";
import type { Target } from "../performance/load/connection.ts";
import type { ServerAnswer } from "./compare-answers.ts";

export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Sender extends Disposable {
  send(request: SentRequest): Promise<ServerAnswer>;
}

/** The status of a server that has closed the line instead of answering, twice. */
export const HUNG_UP = 0;

function isHangUp(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNRESET";
}

/** One request after the other, as the administrator that the token stands for. */
export function senderTo({ url, token }: Target): Sender {
  const { hostname: host, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    send: async (sent) => {
      try {
        return await sendOnce(sent);
      } catch (error) {
        // A server may close a line that is idle just when the next request comes.
        if (!isHangUp(error)) throw error;
      }
      try {
        return await sendOnce(sent);
      } catch (error) {
        if (!isHangUp(error)) throw error;
        return { status: HUNG_UP, body: "", warnings: "" };
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };

  function sendOnce({ method, path, headers, body }: SentRequest): Promise<ServerAnswer> {
    return new Promise((resolve, reject) => {
      const authorized = { ...headers, authorization: `Bearer ${token}`, "user-agent": "differential" };
      const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const options = { host, port, agent, method, path, headers: { ...authorized, ...length } };
      const sent = request(options, async (response) => {
        const chunks: Buffer[] = await Array.fromAsync(response);
        const { warning } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          warnings: Array.isArray(warning) ? warning.join(", ") : (warning ?? ""),
        });
      });
      sent.on("error", (cause) => reject(new Error(`${method} ${url}${path} ${body ?? ""}`, { cause })));
      sent.end(body);
    });
  }
}
