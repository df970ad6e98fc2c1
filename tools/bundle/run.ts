// Runs the programs that a build is made of, line by line, and takes them along when the build is given up.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Lines of a failed program that go into the error; a compiler says what matters at the end. */
const TAIL_LINES = 40;

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

/** Resolves with the standard output of a program that ended well; a build must not slow its machine down, so it is niced. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  options.signal.throwIfAborted();
  // A group of its own, so that make's children end with it.
  const child = spawn("nice", ["-n", "10", program, ...args], {
    cwd: options.workingDirectory,
    env: { ...process.env, LC_ALL: "C", ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  options.signal.addEventListener("abort", kill, { once: true });
  const output: string[] = [];
  const tail: string[] = [];
  const read = async (stream: NodeJS.ReadableStream, keep: boolean) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (keep) output.push(line);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.onLine?.(line);
    }
  };
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const [code] = await Promise.all([ended, read(child.stdout, true), read(child.stderr, false)]);
    options.signal.throwIfAborted();
    if (code !== 0) throw new Error(`"${program} ${args.join(" ")}" ended with ${code}:\n${tail.join("\n")}`);
    return output.join("\n");
  } finally {
    options.signal.removeEventListener("abort", kill);
  }
}

/** The same where an absent or failing program is an answer too. */
export async function tryRun(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await run(program, args, { signal });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
