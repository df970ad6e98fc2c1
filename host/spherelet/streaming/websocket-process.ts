// Exec and attach over a WebSocket's channels.

import type { Status } from "@atoll/api/meta/types";
import type { AcceptedWebSocket } from "./websocket-upgrade.ts";
import { parseResizes, type ProcessOptions, type RemoteProcess } from "./remote-process.ts";
import { WebSocketChannels } from "./websocket-channels.ts";

/** Those before v4 have text instead of a Status on the error channel. */
const STATUS_PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v4.base64.channel.k8s.io"];
export const WEBSOCKET_PROCESS_PROTOCOLS = [...STATUS_PROTOCOLS, "channel.k8s.io", "base64.channel.k8s.io", ""];

const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

export async function openWebSocketProcess(
  { socket, protocol }: AcceptedWebSocket,
  options: ProcessOptions,
): Promise<RemoteProcess> {
  const inputs = [...(options.stdin ? [CHANNEL.stdin] : []), ...(options.tty ? [CHANNEL.resize] : [])];
  const channels = new WebSocketChannels(socket, { protocol, inputs });
  // An empty message tells the client that the streams are there; older clients wait for it.
  await channels.send(options.stdout ? CHANNEL.stdout : CHANNEL.error, new Uint8Array());
  return {
    stdin: options.stdin ? channels.input(CHANNEL.stdin) : undefined,
    resizes: options.tty ? parseResizes(channels.input(CHANNEL.resize)) : undefined,
    writeStdout: (bytes) => (options.stdout ? channels.send(CHANNEL.stdout, bytes) : Promise.resolve()),
    writeStderr: (bytes) => (options.stderr ? channels.send(CHANNEL.stderr, bytes) : Promise.resolve()),
    finish: async (status) => {
      const text = errorText(status, protocol);
      if (text !== "") await channels.send(CHANNEL.error, Buffer.from(text));
      await channels.close();
    },
    signal: channels.signal,
  };
}

function errorText(status: Status, protocol: string): string {
  if (STATUS_PROTOCOLS.includes(protocol)) return JSON.stringify(status);
  return status.status === "Failure" ? (status.message ?? "") : "";
}
