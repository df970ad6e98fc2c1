// A host that answers the API server's port-forwarding with whatever it is told to.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, type Server, type TLSSocket } from "node:tls";

const HEAD_END = "\r\n\r\n";

export class HostileHost implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #answers: Map<string, Uint8Array>;
  readonly #sockets = new Set<TLSSocket>();

  static async listen(credentials: string): Promise<HostileHost> {
    const read = (file: string) => readFileSync(join(credentials, file));
    const server = createServer({ cert: read("serving.crt"), key: read("serving.key") });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HostileHost(server);
  }

  private constructor(server: Server) {
    const address = server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
    this.#server = server;
    this.#answers = new Map();
    server.on("secureConnection", (socket) => this.#serve(socket));
  }

  /** What the next connection to the pod is answered. */
  prepare(pod: string, answer: Uint8Array): void {
    this.#answers.set(pod, answer);
  }

  #serve(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      if (received.includes(HEAD_END)) return;
      received += chunk.toString("latin1");
      const pod = /^POST \/portForward\/[^/]+\/([^ ?]+)/.exec(received)?.[1] ?? "";
      if (received.includes(HEAD_END)) socket.end(this.#answers.get(pod) ?? "");
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
