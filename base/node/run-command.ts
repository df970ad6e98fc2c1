// The one way in which our programs run another program to its end, and hear it. It never goes through a shell, and what it runs
// never outlives the signal.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { CodedError } from "../errors.ts";

/** "Failed": it ran and said no. "NotStarted": there is no such program, or no right to run it. */
export class CommandError extends CodedError<"Failed" | "NotStarted" | "Aborted" | "TimedOut"> {}

export interface CommandOptions {
  /** Aborting kills the program. */
  readonly signal: AbortSignal;
  /** Without it, only `signal` ends the wait. */
  readonly timeoutMs?: number;
  readonly workingDirectory?: string;
  /** Written to its standard input, which then ends. */
  readonly input?: string;
  /** Gets every line of both outputs as it comes; the program's output is then not kept. */
  readonly onLine?: (line: string) => void;
}

/** Of what a program prints; our programs print little, and a broken one must not fill the memory. */
const OUTPUT_BYTES_MAX = 1_048_576;
/** A program that fails says why at the end; this is enough to see it, without keeping a whole build's output. */
const COMPLAINT_CHARACTERS_MAX = 4_000;

/** Gives what the program printed. A non-zero exit is a CommandError with the program's own words. */
export async function runCommand(
  program: string,
  programArguments: readonly string[],
  options: CommandOptions,
): Promise<string> {
  const attempt = `Run "${program}"`;
  options.signal.throwIfAborted();
  const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
  const child = spawn(program, programArguments, {
    stdio: ["pipe", "pipe", "pipe"],
    signal: timeout ? AbortSignal.any([options.signal, timeout]) : options.signal,
    ...(options.workingDirectory === undefined ? {} : { cwd: options.workingDirectory }),
  });
  const { onLine } = options;
  if (onLine) {
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on("line", onLine);
  }
  const output = onLine ? () => "" : keepStart(child.stdout);
  const complaints = keepEnd(child.stderr);
  const ended = Promise.withResolvers<number | null>();
  child.once("error", (error) => {
    if (options.signal.aborted) {
      ended.reject(new CommandError("Aborted", `${attempt}: given up`, { cause: options.signal.reason }));
    } else if (timeout?.aborted) {
      ended.reject(new CommandError("TimedOut", `${attempt}: not done after ${options.timeoutMs} ms`));
    } else {
      ended.reject(new CommandError("NotStarted", attempt, { cause: error }));
    }
  });
  child.once("close", ended.resolve);
  // A program may end without reading all of its input; its exit tells whether that was right.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const status = await ended.promise;
  if (status !== 0) {
    const said = complaints().trim() || `exit status ${status}`;
    throw new CommandError("Failed", `${attempt}: ${said}`);
  }
  return output();
}

function keepStart(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < OUTPUT_BYTES_MAX) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function keepEnd(stream: NodeJS.ReadableStream): () => string {
  const decoder = new TextDecoder();
  let end = "";
  stream.on("data", (chunk: Buffer) => {
    end = (end + decoder.decode(chunk, { stream: true })).slice(-COMPLAINT_CHARACTERS_MAX);
  });
  return () => end;
}
