import { existsSync } from "node:fs";
import { Node } from "@atoll/api/core/node/kind";
import { Pod } from "@atoll/api/core/pod/kind";
import { describeError } from "@atoll/base/errors";
import { type Command, Option } from "commander";
import { stringify } from "yaml";
import { LocalLayout } from "../local/layout.ts";
import { LocalSupervisor } from "../local/local-supervisor.ts";
import { readPlan } from "../local/plan.ts";
import { requireRoot } from "../local/root.ts";
import { formatTable } from "../output/table.ts";
import type { World } from "../world.ts";

interface ServiceStatus {
  readonly name: string;
  readonly running: boolean;
  readonly pid: number | null;
}

interface StatusReport {
  readonly api: { readonly url: string; readonly ready: boolean; readonly message: string };
  readonly services: readonly ServiceStatus[];
  readonly nodes: readonly {
    readonly name: string;
    readonly ready: boolean;
    readonly accelerator: string;
    readonly pods: number;
  }[];
}

const API_TIMEOUT_MS = 5_000;

const NOT_SET_UP: StatusReport = {
  api: { url: "", ready: false, message: "No Supervisor is set up here; start one with: atoll up" },
  services: [],
  nodes: [],
};

async function readStatus(supervisor: LocalSupervisor, signal: AbortSignal): Promise<StatusReport> {
  const { plan, services } = supervisor;
  const url = `https://${plan.apiAddress}:${plan.apiPort}`;
  const states = supervisor.allServices().map(({ name }) => {
    const pid = services.pid(name) ?? null;
    return { name, running: pid !== null, pid };
  });
  if (!existsSync(supervisor.layout.adminKubeconfig)) {
    return { api: { url, ready: false, message: "never started" }, services: states, nodes: [] };
  }
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(API_TIMEOUT_MS)]);
    await using api = supervisor.api();
    await api.text("/readyz", limited);
    const nodes = await api.client.list(Node, { signal: limited });
    const pods = await api.client.list(Pod, { signal: limited });
    return {
      api: { url, ready: true, message: "ready" },
      services: states,
      nodes: nodes.items.map((node) => ({
        name: node.metadata.name ?? "",
        ready: node.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ?? false,
        accelerator: node.metadata.labels?.["node.atoll.dev/accelerator"] ?? "unknown",
        pods: pods.items.filter((pod) => pod.spec?.nodeName === node.metadata.name).length,
      })),
    };
  } catch (error) {
    return { api: { url, ready: false, message: describeError(error) }, services: states, nodes: [] };
  }
}

function formatStatus(report: StatusReport): string {
  if (report === NOT_SET_UP) return report.api.message;
  const services = report.services.map(({ name, running, pid }) => [
    name,
    running ? "running" : "stopped",
    String(pid ?? "-"),
  ]);
  const nodes = report.nodes.map((node) => [
    node.name,
    node.ready ? "Ready" : "NotReady",
    node.accelerator,
    String(node.pods),
  ]);
  return [
    `API: ${report.api.url} (${report.api.message})`,
    "",
    formatTable(["SERVICE", "STATE", "PID"], services),
    ...(nodes.length > 0 ? ["", formatTable(["NODE", "STATUS", "ACCELERATOR", "PODS"], nodes)] : []),
  ].join("\n");
}

export function addStatus(program: Command, world: () => World): void {
  program
    .command("status")
    .description("what runs; exit code 1 unless everything does")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json", "yaml"]).default("text"))
    .action(async ({ output }: { output: "text" | "json" | "yaml" }) => {
      const here = world();
      const layout = new LocalLayout(here.roots);
      const plan = readPlan(layout);
      if (plan) requireRoot();
      const report = plan ? await readStatus(new LocalSupervisor(layout, plan, here.clock), here.signal) : NOT_SET_UP;
      if (output === "json") here.print(JSON.stringify(report, null, 2));
      else here.print(output === "yaml" ? stringify(report).trimEnd() : formatStatus(report));
      const isHealthy =
        report.api.ready && report.services.every(({ running }) => running) && report.nodes.every(({ ready }) => ready);
      if (!isHealthy) process.exitCode = 1;
    });
}
