// Cold start of a pod whose image is cached, split into its parts, beside the floor: `npm run bench:pod`. Both sides alternate in
// one run, so that a machine whose speed drifts does not favour one. Times are milliseconds, min / median / max.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pod } from "@atoll/api/core/pod/kind";
import { systemClock } from "@atoll/base/clock";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { serverAccess } from "@atoll/machinery/client/kubeconfig";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { parse } from "yaml";
import { runInOwnNamespaces } from "../harness/own-namespaces.ts";
import { readArguments } from "../harness/read-arguments.ts";

const { values } = readArguments({
  usage: "npm run bench:pod -- [options]",
  about: "Times the cold start of a pod whose image is cached, beside that of a bare microVM.",
  options: {
    runs: { type: "string", value: "N", default: "20", help: "starts of each" },
    cache: { type: "string", value: "DIR", default: "/var/cache/atoll", help: "where programs are kept" },
    /** Set by this program for its second run, inside the namespaces. */
    inside: { type: "boolean", default: false },
  },
});

const POD_TIMEOUT_MS = 60_000;
const IDLE_SETTLE_MS = 3_000;
const GOAL_RATIO = 1.6;

/** One pod's start; milliseconds since the create call. */
interface PodStart {
  readonly scheduled: number;
  readonly monitorStarted: number;
  readonly agentAnswered: number;
  readonly handedOver: number;
  readonly running: number;
  /** Parts of hostd's and the spherelet's own work within the above, as they log them. */
  readonly parts: Readonly<Record<string, number>>;
}

interface HandOver {
  readonly time: number;
  readonly podUid: string;
  readonly timingsMs: Readonly<Record<string, number>>;
  readonly hostTimingsMs: Readonly<Record<string, number>>;
}

function statistics(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b);
  const shown = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((value) =>
    Math.round(value ?? 0),
  );
  return shown.map((value) => String(value).padStart(6)).join(" /");
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

/** What the spherelet logged when it handed the pod over. */
function handOver(logFile: string, podUid: string): HandOver {
  for (const line of readFileSync(logFile, "utf8").split("\n").reverse()) {
    if (line.includes("Pod handed to its agent") && line.includes(podUid)) return JSON.parse(line);
  }
  throw new Error(`"${logFile}" does not tell of pod ${podUid}`);
}

async function startPod(client: HttpClient, name: string, image: string, logFile: string): Promise<PodStart> {
  const namespace = "default";
  const pod = {
    metadata: { name, namespace },
    spec: { containers: [{ name: "main", image, command: ["sleep", "1000000"] }] },
  };
  const signal = AbortSignal.timeout(POD_TIMEOUT_MS);
  const options = { namespace, fieldSelector: `metadata.name=${name}`, signal };
  const created = Date.now();
  const { metadata } = await client.create(Pod, pod as Pod, { signal }); // the server fills in what the type requires
  let scheduled: number | undefined;
  const since = { ...options, resourceVersion: metadata.resourceVersion ?? "" };
  for await (const { object } of client.watch(Pod, since)) {
    const now = Date.now();
    if (object.spec.nodeName) scheduled ??= now - created;
    if (object.status?.containerStatuses?.[0]?.state?.running) {
      const { time, timingsMs, hostTimingsMs } = handOver(logFile, metadata.uid ?? "");
      const launched = time - created - (timingsMs.total ?? 0);
      const monitorStarted = launched + (timingsMs.crx ?? 0);
      return {
        scheduled: scheduled ?? 0,
        monitorStarted,
        agentAnswered: monitorStarted + (timingsMs.agent ?? 0),
        handedOver: time - created,
        running: now - created,
        parts: { ...prefixed("hostd", hostTimingsMs), ...prefixed("spherelet", timingsMs) },
      };
    }
  }
  throw new Error(`The watch of pod "${name}" ended before it ran`);
}

function prefixed(program: string, timings: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(timings).map(([part, ms]) => [`${program}: ${part}`, ms]));
}

/** Private memory of a process, by the kernel's own account. */
function privateMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
  return (kib("Private_Clean") + kib("Private_Dirty")) / 1024;
}

async function bench(runs: number): Promise<void> {
  const { ensureUp, stateDirectory, qemuProcesses } = await import("../harness/machine.ts");
  const { pushBusybox, startRegistry } = await import("../harness/images.ts");
  const { bundleOf, buildFloor, runFloor } = await import("./floor.ts");
  ensureUp();
  const stopRegistry = await startRegistry();
  const image = pushBusybox();
  const kubeconfig: unknown = parse(readFileSync(join(stateDirectory, "supervisor/admin.kubeconfig"), "utf8"));
  await using transport = new NodeTransport({
    ...serverAccess(kubeconfig, { readFile: (path) => readFileSync(path) }),
    clock: systemClock,
  });
  const client = new HttpClient({ transport: transport.send, clock: systemClock, userAgent: "bench" });
  const sphereletLog = join(stateDirectory, "logs/spherelet-host-1.log");
  const hostdLog = readFileSync(join(stateDirectory, "logs/hostd-host-1.log"), "utf8");
  const accelerator = /"accelerator":"(kvm|tcg)"/.exec(hostdLog)?.[1] === "kvm" ? "kvm" : "tcg";
  const tscKhz = Number(/"tscKhz":(\d+)/.exec(hostdLog)?.[1]) || undefined;
  const bundleDirectory = bundleOf(join(stateDirectory, "hosts/host-1/hostd.yaml"));
  const floor = buildFloor(join(stateDirectory, "floor"), { bundleDirectory, accelerator, tscKhz });

  // The first of each is not counted: it pulls the image and fills the page cache.
  await startPod(client, "warm-up", image, sphereletLog);
  await runFloor(floor);
  const pods: PodStart[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run++) {
    floors.push(await runFloor(floor));
    const name = `bench-${run}`;
    pods.push(await startPod(client, name, image, sphereletLog));
    await client.delete(Pod, { name, namespace: "default" }, { gracePeriodSeconds: 0 });
    while (qemuProcesses().length > 1) await sleep(50);
    process.stderr.write(`\r${run + 1} of ${runs}`);
  }
  process.stderr.write("\n");
  const parts: readonly [string, (pod: PodStart) => number][] = [
    ["create → scheduled", (pod) => pod.scheduled],
    ["scheduled → CRX started", (pod) => pod.monitorStarted - pod.scheduled],
    ["CRX started → agent answers", (pod) => pod.agentAnswered - pod.monitorStarted],
    ["agent answers → pod handed over", (pod) => pod.handedOver - pod.agentAnswered],
    ["handed over → container running", (pod) => pod.running - pod.handedOver],
    ["create → container running", (pod) => pod.running],
  ];
  console.log(`cold start of a pod with a cached image, ${runs} runs, ${accelerator}; ms, min / median / max`);
  for (const [name, of] of parts) console.log(`  ${name.padEnd(34)}${statistics(pods.map(of))}`);
  console.log(`  ${"floor: QEMU → first line".padEnd(34)}${statistics(floors)}`);
  console.log("of that, as the host's programs log it:");
  for (const part of Object.keys(pods[0]?.parts ?? {})) {
    console.log(`  ${part.padEnd(34)}${statistics(pods.map((pod) => pod.parts[part] ?? 0))}`);
  }
  const ratio = median(pods.map((pod) => pod.running)) / median(floors);
  console.log(`ratio of the medians: ${ratio.toFixed(2)} × floor (goal: at most ${GOAL_RATIO})`);
  await sleep(IDLE_SETTLE_MS);
  const idle = qemuProcesses()[0];
  if (idle) console.log(`private memory of an idle pod's QEMU, guest included: ${privateMiB(idle.pid).toFixed(1)} MiB`);
  stopRegistry();
}

if (values.inside) {
  await bench(Number(values.runs));
  process.exit(0);
} else {
  const again = [process.execPath, import.meta.filename, "--inside", "--runs", values.runs];
  process.exitCode = runInOwnNamespaces(again, { cacheDirectory: values.cache, keepState: false });
}
