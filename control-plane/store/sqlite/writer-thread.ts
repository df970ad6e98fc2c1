// The writer's thread: the only one that opens the file for writing. Started by `writer-client.ts`; an error that is not
// SQLite's ends it, and with it all writing, because nobody could say any more what is on the medium.

import { parentPort, workerData } from "node:worker_threads";
import { assert } from "@atoll/base/errors";
import { StoreError } from "../store.ts";
import { isSqliteError, openForWriting } from "./database.ts";
import type { FromWriter, Refusal, ToWriter, WriterOptions } from "./messages.ts";
import { Writer } from "./writer.ts";

assert(parentPort, "The writer's thread has no parent");
const port = parentPort;

// Both ends of the port are ours: what arrives has the type of what was sent.
const { path, sizeBytesMax } = workerData as WriterOptions;

const writer = open();
if (writer) {
  send({ type: "ready", revision: writer.revision, leases: writer.leases(), scrubs: writer.scrubs });
  port.on("message", (message: ToWriter) => {
    if (message.type === "group") return send(writer.execute(message.commands));
    writer[Symbol.dispose]();
    port.close();
  });
}

function open(): Writer | undefined {
  try {
    return new Writer(openForWriting(path, sizeBytesMax));
  } catch (error) {
    send(refusal(error));
    return undefined;
  }
}

function refusal(error: unknown): Refusal {
  if (error instanceof StoreError) return { type: "refused", code: error.code, message: error.message };
  if (!isSqliteError(error)) throw error;
  return { type: "refused", code: "Unavailable", message: `Open store "${path}": ${error.message}` };
}

function send(message: FromWriter): void {
  port.postMessage(message);
}
