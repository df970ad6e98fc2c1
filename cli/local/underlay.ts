// The network between several hosts of one machine: a bridge, and for each host a network namespace with one leg in it. A
// single host needs none of this: it lives in the machine's own network.

import { existsSync } from "node:fs";
import { runCommand } from "@atoll/base/node/run-command";
import { UNDERLAY, type HostPlan, type LocalPlan } from "./plan.ts";

function needsUnderlay(plan: LocalPlan): boolean {
  return plan.hosts.some((host) => host.networkNamespace !== undefined);
}

async function ip(signal: AbortSignal, ...args: string[]): Promise<void> {
  await runCommand("ip", args, { signal });
}

async function linkExists(name: string): Promise<boolean> {
  return existsSync(`/sys/class/net/${name}`);
}

export async function ensureUnderlay(plan: LocalPlan, signal: AbortSignal): Promise<void> {
  if (!needsUnderlay(plan)) return;
  if (!(await linkExists(UNDERLAY.bridge))) {
    await ip(signal, "link", "add", UNDERLAY.bridge, "type", "bridge");
    await ip(signal, "address", "add", `${UNDERLAY.gateway}/${UNDERLAY.prefixLength}`, "dev", UNDERLAY.bridge);
    await ip(signal, "link", "set", UNDERLAY.bridge, "up");
  }
  for (const [index, host] of plan.hosts.entries()) await ensureHostNamespace(host, `atollu${index + 1}`, signal);
}

async function ensureHostNamespace(host: HostPlan, leg: string, signal: AbortSignal): Promise<void> {
  const namespace = host.networkNamespace;
  if (namespace === undefined || existsSync(`/run/netns/${namespace}`)) return;
  await ip(signal, "netns", "add", namespace);
  await ip(signal, "link", "add", leg, "type", "veth", "peer", "name", "underlay0", "netns", namespace);
  await ip(signal, "link", "set", leg, "master", UNDERLAY.bridge, "up");
  await ip(signal, "-n", namespace, "link", "set", "lo", "up");
  await ip(signal, "-n", namespace, "link", "set", "underlay0", "up");
  await ip(signal, "-n", namespace, "address", "add", `${host.address}/${UNDERLAY.prefixLength}`, "dev", "underlay0");
  await ip(signal, "-n", namespace, "route", "add", "default", "via", UNDERLAY.gateway);
}

/** Removes the namespaces, and with them everything in them, then the bridge. */
export async function removeUnderlay(plan: LocalPlan, signal: AbortSignal): Promise<void> {
  for (const host of plan.hosts) {
    const namespace = host.networkNamespace;
    if (namespace && existsSync(`/run/netns/${namespace}`)) await ip(signal, "netns", "delete", namespace);
  }
  if (await linkExists(UNDERLAY.bridge)) await ip(signal, "link", "delete", UNDERLAY.bridge);
}
