import { spawn } from "node:child_process";
import { CodedError } from "../errors.ts";

/** "Failed": it ran and said no. "NotStarted": there is no such program, or no right to run it. */
export class CommandError extends CodedError<"Failed" | "NotStarted" | "Aborted"> {}

/** Of what a program prints; our programs print little, and a broken one must not fill the memory. */
const OUTPUT_BYTES_MAX = 1_048_576;

/**
 * Runs a program to its end and gives what it printed. A non-zero exit is a CommandError with the program's own words.
 * Aborting kills it.
 */
export async function runCommand(
  program: string,
  programArguments: readonly string[],
  options: { readonly signal: AbortSignal; readonly input?: string },
): Promise<string> {
  const attempt = `Run "${program}"`;
  options.signal.throwIfAborted();
  const child = spawn(program, programArguments, { stdio: ["pipe", "pipe", "pipe"], signal: options.signal });
  const output = collect(child.stdout);
  const complaints = collect(child.stderr);
  const ended = Promise.withResolvers<number | null>();
  child.once("error", (error) =>
    ended.reject(
      options.signal.aborted
        ? new CommandError("Aborted", `${attempt}: given up`, { cause: options.signal.reason })
        : new CommandError("NotStarted", attempt, { cause: error }),
    ),
  );
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

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < OUTPUT_BYTES_MAX) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
