// The node agent of one host: `node bin/spherelet.ts --config FILE`. Ends on SIGTERM or SIGINT; pods go on without it.
// `node bin/spherelet.ts compile` only fills Node's compile cache.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type SphereletConfiguration, sphereletConfiguration } from "@atoll/api/config/spherelet";
import { systemClock } from "@atoll/base/clock";
import { describeError } from "@atoll/base/errors";
import { createLogger } from "@atoll/base/node/log";
import { systemRandom } from "@atoll/base/random";
import { HostdClient } from "@atoll/host/spherelet/hostd/hostd-client";
import { HostdTransport } from "@atoll/host/spherelet/hostd/hostd-transport";
import type { NodeFacts } from "@atoll/host/spherelet/node/node-object";
import { parseResolvConf } from "@atoll/host/spherelet/pods/pod-dns";
import { KubeletServer } from "@atoll/host/spherelet/server/kubelet-server";
import { Spherelet } from "@atoll/host/spherelet/spherelet";
import { HttpClient } from "@atoll/machinery/client/http-client";
import { NodeTransport } from "@atoll/machinery/client/node-transport";
import { parse as parseYaml } from "yaml";

async function readConfiguration(): Promise<SphereletConfiguration> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Error("Usage: spherelet --config FILE, or spherelet compile");
  const parsed = sphereletConfiguration.safeParse(parseYaml(await readFile(values.config, "utf8")));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
  throw new Error(`Configuration "${values.config}" is not valid: ${problems.join("; ")}`);
}

/** A small file of the system, empty where the system has none. */
async function readSystemFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return "";
  }
}

async function factsOf(configuration: SphereletConfiguration): Promise<NodeFacts> {
  const release = await readSystemFile("/etc/os-release");
  return {
    name: configuration.nodeName,
    address: configuration.nodeAddress,
    port: configuration.port,
    podsMax: configuration.podsMax,
    reservedMemoryBytes: configuration.reservedMemoryBytes,
    architecture: process.arch,
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "Linux",
    machineId: await readSystemFile("/etc/machine-id"),
    bootId: await readSystemFile("/proc/sys/kernel/random/boot_id"),
  };
}

async function main(): Promise<void> {
  // All that the program consists of is imported by now; Node writes its cache at the end.
  if (process.argv[2] === "compile") return;
  const configuration = await readConfiguration();
  const log = createLogger({ component: "spherelet", level: configuration.log.level });
  const end = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => end.abort());
  const { supervisor, serving } = configuration;
  const certificateAuthority = await readFile(supervisor.caFile, "utf8");
  await using transport = new NodeTransport({
    server: supervisor.url,
    clock: systemClock,
    certificateAuthority,
    clientCertificate: await readFile(supervisor.certificateFile, "utf8"),
    clientKey: await readFile(supervisor.keyFile, "utf8"),
  });
  using hostdTransport = new HostdTransport(configuration.hostd);
  const facts = await factsOf(configuration);
  const spherelet = new Spherelet({
    client: new HttpClient({ transport: transport.send, clock: systemClock, userAgent: "spherelet/0.1" }),
    hostd: new HostdClient({ transport: hostdTransport, user: configuration.hostd.user }),
    facts,
    sizes: { memoryBytes: configuration.defaultMemoryBytes, ephemeralBytes: configuration.defaultEphemeralBytes },
    dns: parseResolvConf(await readSystemFile("/etc/resolv.conf")),
    clock: systemClock,
    random: systemRandom,
    log,
  });
  await using _server = await KubeletServer.listen({
    address: configuration.nodeAddress,
    port: configuration.port,
    certificate: await readFile(serving.certificateFile, "utf8"),
    key: await readFile(serving.keyFile, "utf8"),
    clientAuthority: certificateAuthority,
    nodeName: configuration.nodeName,
    pods: spherelet.pods.lister,
    lines: spherelet.lines,
    clock: systemClock,
    log,
  });
  log.info("Spherelet is up", { node: facts.name, address: facts.address, port: facts.port });
  await spherelet.run(end.signal);
  log.info("Spherelet ends");
}

main().catch((error: unknown) => {
  process.stderr.write(`spherelet: ${describeError(error)}\n`);
  process.exitCode = 1;
});
