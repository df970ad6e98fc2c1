// The servers that scripts are run on: Atoll's, and upstream's beside it where there is a comparison.

import { join } from "node:path";
import { ensureUpstream } from "../conformance/upstream-programs.ts";
import { SupervisorProcess } from "../harness/supervisor-process.ts";
import { freePort, startUpstream } from "../harness/upstream-control-plane.ts";
import type { ClientRunOptions } from "./client-run.ts";
import type { Side } from "./run-script.ts";
import { Shell } from "./shell.ts";

export interface Servers extends AsyncDisposable {
  /** Shells on both, in a directory that is empty. */
  openSides(name: string, programs: Readonly<Record<string, string>>): Promise<readonly Side[]>;
}

/** With controllers, objects change while nobody types; without, both servers show the same at any time. */
export async function startServers(
  { directory: parent, cacheDirectory, hasUpstream, signal, note }: ClientRunOptions,
  { hasControllers }: { readonly hasControllers: boolean },
): Promise<Servers> {
  await using starting = new AsyncDisposableStack();
  const directory = join(parent, hasControllers ? "whole" : "api");
  const port = await freePort();
  const supervisor = starting.use(
    await SupervisorProcess.start({
      directory: join(directory, "atoll"),
      port,
      // The service "kubernetes" leads there on both sides, and nobody goes there.
      advertiseAddress: "192.0.2.1",
      role: hasControllers ? "all" : "api",
    }),
  );
  const kubeconfigs: [Side["name"], string][] = [["atoll", supervisor.kubeconfig]];
  if (hasUpstream) {
    const names = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
    const { paths } = await ensureUpstream(names, { cacheDirectory, jobs: undefined, note, signal });
    const place = join(directory, "upstream");
    const upstream = starting.use(await startUpstream({ programs: paths, directory: place, signal }));
    if (hasControllers) await upstream.startControllers();
    kubeconfigs.push(["upstream", upstream.kubeconfig]);
  }
  const stack = starting.move();
  return {
    openSides: (name, programs) =>
      Promise.all(
        kubeconfigs.map(async ([side, kubeconfig]) => {
          const place = join(directory, `${name}-${side}`);
          return { name: side, shell: await Shell.open({ directory: place, kubeconfig, programs, signal }) };
        }),
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
