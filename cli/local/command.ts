import { spawn } from "node:child_process";
import { CodedError } from "@atoll/base/errors";

export type CommandErrorCode = "NotFound" | "Failed" | "TimedOut";

/** A command of the machine that could not be carried out; the message holds what it said last. */
export class CommandError extends CodedError<CommandErrorCode> {}

export interface CommandOptions {
  readonly signal?: AbortSignal;
  /** Default one minute: everything that may take longer says so. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Gets every line as it comes, from both outputs. */
  readonly onLine?: (line: string) => void;
}

const TIMEOUT_DEFAULT_MS = 60_000;
/** Enough of the end to see why a command failed, without keeping a whole build's output. */
const TAIL_CHARACTERS = 4_000;

/** Runs a command to its end and returns its standard output. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_DEFAULT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
      env: { ...process.env, ...options.environment },
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    const output: string[] = [];
    let tail = "";
    let line = "";
    const take = (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL_CHARACTERS);
      if (!options.onLine) return;
      const lines = (line + chunk).split("\n");
      line = lines.pop() ?? "";
      for (const complete of lines) options.onLine(complete);
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      if (!options.onLine) output.push(chunk);
      take(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", take);
    const shown = [command, ...args].join(" ");
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return reject(new CommandError("NotFound", `"${command}" is not installed`));
      if (timeout.aborted) return reject(new CommandError("TimedOut", `"${shown}" took too long`, { cause: error }));
      reject(options.signal?.aborted ? options.signal.reason : error);
    });
    child.on("close", (code) => {
      if (code === 0) return resolve(output.join(""));
      reject(new CommandError("Failed", `"${shown}" ended with code ${code}: ${tail.trim()}`));
    });
  });
}
