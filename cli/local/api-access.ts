import { readFileSync } from "node:fs";
import type { Clock } from "@atoll/base/clock";
import type { Client } from "@atoll/machinery/client/client";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { serverAccess } from "@atoll/machinery/client/kubeconfig";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { readBody } from "@atoll/machinery/client/transport";
import { ApiError } from "@atoll/machinery/object/api-error";
import { parse } from "yaml";

/** The administrator's way to the API: the typed client, and plain text for what is no object (logs, health). */
export class ApiAccess implements AsyncDisposable {
  readonly client: Client;
  readonly #transport: NodeTransport;

  constructor(kubeconfigFile: string, clock: Clock) {
    const document: unknown = parse(readFileSync(kubeconfigFile, "utf8"));
    this.#transport = new NodeTransport({
      ...serverAccess(document, { readFile: (path) => readFileSync(path) }),
      clock,
    });
    this.client = new HttpClient({ transport: this.#transport.send, clock, userAgent: "atoll/0.1" });
  }

  /** GETs a path that answers with text; throws ApiError for any answer but success. */
  async text(path: string, signal: AbortSignal): Promise<string> {
    const response = await this.#transport.send({ method: "GET", path, headers: { accept: "*/*" }, signal });
    const body = new TextDecoder().decode(await readBody(response.body));
    if (response.status >= 300) throw ApiError.fromStatus(response.status, body);
    return body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]();
  }
}
