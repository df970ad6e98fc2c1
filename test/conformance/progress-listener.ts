// Hears from the suite as each test ends. The suite's own report comes only at its end, which an interrupted run never reaches.

import { createServer } from "node:http";
import { once } from "node:events";
import { z } from "zod";

/** A message also lists all failures so far, at most 446 names of some hundred characters. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

const update = z.object({ msg: z.string() });

export interface EndedTest {
  readonly name: string;
  readonly state: "passed" | "failed";
}

/** What an update says; undefined for those that are about the suite as a whole. */
export function parseUpdate(text: string): EndedTest | undefined {
  const [, verb, name = ""] = /^(PASSED|FAILED) (.*)$/s.exec(update.parse(JSON.parse(text)).msg) ?? [];
  if (verb === undefined) return undefined;
  return { name: name.trim(), state: verb === "PASSED" ? "passed" : "failed" };
}

export interface ProgressListener extends AsyncDisposable {
  /** Where the suite sends its updates. */
  readonly url: string;
}

export async function listenForProgress(onEnded: (test: EndedTest) => void): Promise<ProgressListener> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
      if (body.length > MESSAGE_BYTES_MAX) request.destroy();
    });
    request.on("end", () => {
      try {
        const ended = parseUpdate(body);
        if (ended) onEnded(ended);
        response.writeHead(204).end();
      } catch (error) {
        // The suite logs what it is answered.
        response.writeHead(400).end(String(error));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The listener for progress has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
