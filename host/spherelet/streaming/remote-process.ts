// The far end of exec and attach: a user's terminal, whatever protocol it came by. Makers: `spdy-process.ts` and
// `websocket-process.ts`.

import type { Status } from "@atoll/api/meta/types";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What the caller asked for in the query. */
export interface ProcessOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface RemoteProcess {
  /** Ends when the user's side ended its input; absent when none was asked for. */
  readonly stdin: AsyncIterable<Uint8Array> | undefined;
  readonly resizes: AsyncIterable<TerminalSize> | undefined;
  /** Resolve when more may be written: a slow reader slows the process down. */
  writeStdout(bytes: Uint8Array): Promise<void>;
  writeStderr(bytes: Uint8Array): Promise<void>;
  /** Says how it ended and closes the connection once everything is sent. */
  finish(status: Status): Promise<void>;
  /** Aborts when the user's side is gone. */
  readonly signal: AbortSignal;
}

/** `Status` of a process that ended, as clients of the v4 and v5 protocols read it. */
export function exitStatus(exitCode: number): Status {
  if (exitCode === 0) return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 200 };
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
    code: 500,
  };
}

export function failureStatus(message: string): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason: "InternalError",
    details: { causes: [{ message }] },
    code: 500,
  };
}

/** Longest resize message; a longer one is not one. */
const RESIZE_TEXT_MAX = 1024;

/** Sizes out of a stream of JSON documents `{"Width":80,"Height":24}`, cut anywhere. What is no size is left out. */
export async function* parseResizes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TerminalSize, void, undefined> {
  let text = "";
  for await (const chunk of bytes) {
    text += Buffer.from(chunk).toString("utf8");
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const size = parseSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size) yield size;
    }
    if (text.length > RESIZE_TEXT_MAX) return;
  }
}

function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width: columns, Height: rows }: { Width?: unknown; Height?: unknown } = JSON.parse(text);
    const isSide = (side: unknown): side is number =>
      Number.isInteger(side) && Number(side) >= 0 && Number(side) < 65_536;
    return isSide(columns) && isSide(rows) ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
