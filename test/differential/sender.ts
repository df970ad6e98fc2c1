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
        if (!(error instanceof Error && "code" in error && error.code === "ECONNRESET")) throw error;
        return await sendOnce(sent);
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
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
