// From "everything the pod waits for is there" to "the agent has accepted it". Every step may be repeated: hostd answers the
// same request with what is there, and so does the agent.

import type { HostSettings } from "@atoll/api/config/host-settings";
import { POD_INTERFACE_ANNOTATION, type PodInterface, podInterface } from "@atoll/api/network/annotations";
import type { Pod } from "@atoll/api/generated/types";
import { callUnary } from "@atoll/api/guest-agent/client";
import type { CrxSpec } from "@atoll/api/hostd/hostd";
import type { Multiplexer } from "@atoll/base/multiplex/multiplexer";
import { Stopwatch } from "@atoll/base/node/stopwatch";
import { HostdError } from "../hostd/hostd-error.ts";
import type { ContainerImage } from "../images/pod-images.ts";
import { containerEnvironment } from "./container-environment.ts";
import { crxSizeOf } from "./crx-size.ts";
import type { DownwardHost } from "./downward-fields.ts";
import { PodSourceError } from "./object-source.ts";
import type { PodContext } from "./pod-context.ts";
import { podDns } from "./pod-dns.ts";
import type { PodFiles } from "./pod-files.ts";
import { podHostname, startRequest } from "./start-request.ts";

/** Ethernet's usual; an overlay that needs room for its own header will say so in the annotation. */
const MTU_BYTES = 1500;
const ENTROPY_BYTES = 64;

/** Undefined while the network controller has not written it. */
export function interfaceOf(pod: Pod): PodInterface | undefined {
  const text = pod.metadata.annotations?.[POD_INTERFACE_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return podInterface.parse(JSON.parse(text));
  } catch (error) {
    throw new PodSourceError(`annotation "${POD_INTERFACE_ANNOTATION}" is not understood`, { cause: error });
  }
}

export function downwardHost(context: PodContext, nic: PodInterface | undefined): DownwardHost {
  return { hostIp: context.hostAddress, podIp: addressOf(nic) ?? "", allocatable: context.allocatable() };
}

export function addressOf(nic: PodInterface | undefined): string | undefined {
  return nic?.address.split("/")[0];
}

/** Variables of all containers; the error carries the container whose configuration is wrong. */
export async function environmentsOf(
  pod: Pod,
  context: PodContext,
  host: DownwardHost,
): Promise<{ readonly variables: Map<string, Map<string, string>>; readonly errors: Map<string, string> }> {
  const variables = new Map<string, Map<string, string>>();
  const errors = new Map<string, string>();
  const source = context.objects.sourceFor(pod.metadata.uid ?? "");
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    try {
      variables.set(container.name, await containerEnvironment(pod, container, { source, host }));
    } catch (error) {
      if (!(error instanceof PodSourceError)) throw error;
      errors.set(container.name, error.message);
    }
  }
  return { variables, errors };
}

export interface LaunchInputs {
  readonly pod: Pod;
  readonly nic: PodInterface;
  readonly settings: HostSettings;
  readonly images: ReadonlyMap<string, ContainerImage>;
  readonly variables: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly files: PodFiles;
  readonly volumes: Parameters<PodFiles["send"]>[1];
}

/** Makes the microVM, waits for its agent and hands the pod over. */
export async function launchPod(context: PodContext, inputs: LaunchInputs, signal: AbortSignal): Promise<Multiplexer> {
  const { pod, nic, settings, images, files, volumes } = inputs;
  const uid = pod.metadata.uid ?? "";
  const stopwatch = new Stopwatch(context.clock);
  const crx = await stopwatch.measure("crx", () => context.hostd.putCrx(uid, crxSpecOf(context, inputs), signal));
  if (crx.state === "stopped") {
    throw new HostdError("StartFailed", `The pod's microVM did not start: ${crx.message}`);
  }
  const line = await stopwatch.measure("agent", () => context.lines.connect(uid, signal));
  const prepare = {
    entropy: context.random.bytes(ENTROPY_BYTES),
    timeUnixNs: BigInt(context.clock.now()) * 1_000_000n,
    hostname: podHostname(pod),
    network: { ...nic, mtu: MTU_BYTES },
    dns: podDns(pod, { host: context.hostDns, cluster: settings.network }),
    ephemeralDiskSerial: crx.ephemeralSerial,
    hostAliases: (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => ({ ip, hostnames: hostnames ?? [] })),
  };
  await stopwatch.measure("prepare", () => callUnary(line, "prepare", prepare, signal));
  await stopwatch.measure("volumes", () => files.send(line, volumes, signal));
  const imageSerials = new Map(
    [...images].map(([name, image]) => [name, image.state === "ready" ? (crx.imageSerials[image.digest] ?? "") : ""]),
  );
  const start = startRequest(pod, { environments: inputs.variables, imageSerials });
  await stopwatch.measure("start", () => callUnary(line, "startPod", start, signal));
  const { name, namespace } = pod.metadata;
  const timings = { timingsMs: stopwatch.timings(), hostTimingsMs: crx.timingsMs };
  context.log.info("Pod handed to its agent", { pod: { kind: "Pod", namespace, name }, podUid: uid, ...timings });
  return line;
}

function crxSpecOf(context: PodContext, { pod, nic, images }: LaunchInputs): CrxSpec {
  const digests = [...images.values()].flatMap((image) => (image.state === "ready" ? [image.digest] : []));
  return {
    displayName: `${pod.metadata.namespace}/${pod.metadata.name}`,
    ...crxSizeOf(pod, context.sizes),
    imageDigests: [...new Set(digests)],
    network: { mac: nic.mac, address: nic.address, gateway: nic.gateway },
  };
}
