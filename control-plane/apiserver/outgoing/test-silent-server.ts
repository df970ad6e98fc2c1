// Test support: a server that takes connections, reads what comes, and says nothing unless a test does.

import { EventEmitter, once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

export class SilentServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #heard = new EventEmitter<{ bytes: [Socket, Buffer] }>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("data", (bytes) => this.#heard.emit("bytes", socket, bytes));
    });
  }

  static async listen(): Promise<SilentServer> {
    const silent = new SilentServer();
    silent.#server.listen(0, "127.0.0.1");
    await once(silent.#server, "listening");
    return silent;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** The connection on which something comes next: for TLS, a client's greeting. */
  async nextSpoken(): Promise<Socket> {
    const [socket] = await once(this.#heard, "bytes");
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
