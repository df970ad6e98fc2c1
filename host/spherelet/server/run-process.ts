// Exec and attach: pumps between a user's far end and the agent, until the process has ended or one side is gone.

import { type AgentCall, callBidirectional } from "@atoll/api/guest-agent/client";
import { describeError } from "@atoll/base/errors";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { exitStatus, failureStatus, type ProcessOptions, type RemoteProcess } from "../streaming/remote-process.ts";

export interface ProcessRequest {
  readonly method: "exec" | "attach";
  readonly container: string;
  readonly command: readonly string[];
  readonly options: ProcessOptions;
}

/** Never throws: what goes wrong is told to the user's side as the process' end. */
export async function runProcess(line: Multiplexer, request: ProcessRequest, remote: RemoteProcess): Promise<void> {
  try {
    await remote.finish(exitStatus(await pump(line, request, remote)));
  } catch (error) {
    if (!remote.signal.aborted) await remote.finish(failureStatus(describeError(error)));
  }
}

/** Gives the exit code; attach to a process that goes on ends with 0. */
async function pump(line: Multiplexer, request: ProcessRequest, remote: RemoteProcess): Promise<number> {
  const { tty, stdin, stdout, stderr } = request.options;
  const start = { container: request.container, command: [...request.command], tty, stdin, stdout, stderr };
  await using call = await callBidirectional(
    line,
    request.method,
    { input: { case: "start", value: start } },
    remote.signal,
  );
  const inputs = [sendStdin(call, remote), sendResizes(call, remote)];
  // A call that ended fails what is still being sent; the responses below say how it ended.
  for (const input of inputs) input.catch(() => {});
  let exitCode = 0;
  for await (const { output } of call.responses()) {
    if (output.case === "stdout") await remote.writeStdout(output.value);
    else if (output.case === "stderr") await remote.writeStderr(output.value);
    else if (output.case === "exit") exitCode = output.value.exitCode;
  }
  return exitCode;
}

async function sendStdin(call: AgentCall<"exec" | "attach">, remote: RemoteProcess): Promise<void> {
  if (!remote.stdin) return;
  for await (const bytes of remote.stdin) await call.send({ input: { case: "stdin", value: bytes } });
  await call.send({ input: { case: "stdinEnd", value: {} } });
}

async function sendResizes(call: AgentCall<"exec" | "attach">, remote: RemoteProcess): Promise<void> {
  if (!remote.resizes) return;
  for await (const { columns, rows } of remote.resizes) {
    await call.send({ input: { case: "resize", value: { columns, rows } } });
  }
}
