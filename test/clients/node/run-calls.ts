// Runs the typed calls one after the other, and goes on where one fails.

import { join } from "node:path";
import { openClient } from "../../conformance/api-client.ts";
import { SupervisorProcess } from "../../harness/supervisor-process.ts";
import { freePort } from "../../harness/upstream-control-plane.ts";
import type { ClientRun } from "../client-run.ts";
import { makePlace } from "../informers/watched-objects.ts";
import { typedCalls } from "./typed-calls.ts";

export const runCalls: ClientRun = async ({ directory: parent, note, signal }) => {
  const settings = { directory: join(parent, "calls"), port: await freePort(), advertiseAddress: "192.0.2.1" };
  await using supervisor = await SupervisorProcess.start(settings);
  const { client, transport } = openClient(supervisor.kubeconfig);
  await using _ = transport;
  await makePlace(client, signal);
  const failures: string[] = [];
  const calls = typedCalls(supervisor.kubeconfig);
  for (const { name, run } of calls) {
    await run().catch((error: unknown) => {
      const text = `client-node ${name}: ${error instanceof Error ? error.stack : error}`;
      note(text);
      failures.push(text);
    });
  }
  return { summary: [`client-node: ${calls.length} groups of typed calls`], failures };
};
