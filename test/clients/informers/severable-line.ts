// A line to a server that can be cut: what lies between a client and its server on a bad day. While it is cut, connections end and
// new ones are refused; the server knows nothing of it.

import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { connect } from "node:net";

export class SeverableLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSevered = false;

  static async open(port: number): Promise<SeverableLine> {
    const line = new SeverableLine(port);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (this.#isSevered) client.destroy();
      else this.#join(client, connect(port, "127.0.0.1"));
    });
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("The line is not open");
    return address.port;
  }

  sever(): void {
    this.#isSevered = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isSevered = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sever();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      // The other end sees the end; why it came is told by whoever ended it.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
