import { Node } from "@atoll/api/core/node/kind";
import type { Pod } from "@atoll/api/core/pod/kind";
import type { Command } from "commander";
import { pushDemoImage } from "../demo/demo-image.ts";
import { applyHello, DEMO_NAMESPACE, waitForHello } from "../demo/hello.ts";
import { ensureRegistry } from "../demo/registry.ts";
import type { ApiAccess } from "../local/api-access.ts";
import { DEMO_PACKAGES } from "../local/debian-packages.ts";
import type { LocalSupervisor } from "../local/local-supervisor.ts";
import { hostPackages, installSteps, machineChecks, requirePreflight, startSteps } from "../local/set-up.ts";
import { runSteps } from "../output/steps.ts";
import { formatTable } from "../output/table.ts";
import type { World } from "../world.ts";
import { noteOutdated, plannedSupervisor } from "./up.ts";

const LOG_TIMEOUT_MS = 10_000;
const POLL_MS = 100;

async function demo(world: World): Promise<void> {
  const { signal, clock } = world;
  const supervisor = plannedSupervisor(world, {});
  const packages = [...(await hostPackages(world)), ...DEMO_PACKAGES];
  await requirePreflight(world, machineChecks(world, supervisor, packages));
  let reference = "";
  let pod: Pod | undefined;
  await runSteps(
    [
      ...installSteps(world, packages),
      ...startSteps(world, supervisor),
      {
        title: "Demo image, pushed to a registry on loopback",
        run: async () => {
          reference = await pushDemoImage(await ensureRegistry(supervisor, clock, signal), signal);
        },
      },
      {
        title: "Deployment demo/hello, its pod in a microVM of its own",
        run: async (say) => {
          await using api = supervisor.api();
          await applyHello(api.client, reference, signal);
          pod = await waitForHello(api.client, { clock, signal, say });
        },
      },
    ],
    () => clock.monotonicMs(),
  );
  noteOutdated(world, supervisor);
  if (pod) await show(world, supervisor, pod);
}

/** What a user wants to see: nodes, the pod, its own kernel, its log, and how to go on. */
async function show(world: World, supervisor: LocalSupervisor, pod: Pod): Promise<void> {
  await using api = supervisor.api();
  const name = pod.metadata.name ?? "";
  const nodes = (await api.client.list(Node, { signal: world.signal })).items;
  const log = await readLog(world, api, name);
  const kernel = /kernel (\S+)/.exec(log)?.[1] ?? "unknown";
  const nodeRows = nodes.map((node) => [
    node.metadata.name ?? "",
    node.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ? "Ready" : "NotReady",
    node.metadata.labels?.["node.atoll.dev/accelerator"] ?? "",
    node.status?.nodeInfo?.kernelVersion ?? "",
  ]);
  const namespaced = `kubectl -n ${DEMO_NAMESPACE}`;
  world.print(
    [
      "",
      formatTable(["NODE", "STATUS", "ACCELERATOR", "POD KERNEL"], nodeRows),
      "",
      formatTable(
        ["POD", "STATUS", "IP", "NODE"],
        [[name, pod.status?.phase ?? "", pod.status?.podIP ?? "", pod.spec?.nodeName ?? ""]],
      ),
      "",
      `uname -r in the pod: ${kernel}`,
      "its log:",
      ...log
        .trimEnd()
        .split("\n")
        .map((line) => `  ${line}`),
      "",
      "Go on with:",
      `  export KUBECONFIG=${supervisor.layout.adminKubeconfig}`,
      `  ${namespaced} get pods -o wide`,
      `  ${namespaced} exec -it ${name} -- sh`,
      `  ${namespaced} logs -f ${name}`,
      'Stop everything with "./atoll down".',
    ].join("\n"),
  );
}

/** The pod is ready a moment before its first line is in the log. */
async function readLog(world: World, api: ApiAccess, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${DEMO_NAMESPACE}/pods/${name}/log?tailLines=20`;
  const deadline = world.clock.monotonicMs() + LOG_TIMEOUT_MS;
  for (;;) {
    const log = await api.text(path, world.signal);
    if (log !== "" || world.clock.monotonicMs() > deadline) return log;
    await world.clock.sleep(POLL_MS, world.signal);
  }
}

export function addDemo(program: Command, world: () => World): void {
  program
    .command("demo")
    .description("set this machine up, start a Supervisor and a host, and show a pod in its own microVM")
    .action(() => demo(world()));
}
