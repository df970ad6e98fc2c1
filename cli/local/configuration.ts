// The configuration documents of a local Supervisor's programs, written from the plan.

import type { z } from "zod";
import type { hostdConfiguration } from "@atoll/api/config/hostd";
import type { sphereletConfiguration } from "@atoll/api/config/spherelet";
import type { supervisorConfiguration } from "@atoll/api/config/supervisor";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { stringify } from "yaml";
import type { LocalLayout } from "./layout.ts";
import { UNDERLAY, type HostPlan, type LocalPlan } from "./plan.ts";
import { SERVICE_USERS } from "./users.ts";

const API_VERSION = "config.atoll.dev/v1alpha1";

export interface ConfigurationInputs {
  readonly layout: LocalLayout;
  readonly plan: LocalPlan;
  readonly bundleDirectory: string;
}

export async function writeSupervisorConfiguration({ layout, plan }: ConfigurationInputs): Promise<void> {
  const several = plan.hosts.length > 1;
  const document: z.input<typeof supervisorConfiguration> = {
    apiVersion: API_VERSION,
    kind: "SupervisorConfiguration",
    dataDirectory: layout.supervisorDirectory,
    api: {
      // Hosts in namespaces of their own come in over the underlay; a single one over loopback, which nobody else can reach.
      address: several ? "0.0.0.0" : "127.0.0.1",
      port: plan.apiPort,
      certificateNames: several ? [UNDERLAY.gateway] : [],
      ...(several ? { advertiseAddress: UNDERLAY.gateway } : {}),
    },
    network: { dnsServers: [] },
  };
  await writeIfChanged(layout.supervisorConfiguration, stringify(document));
}

/** The time of a file tells whether a program that runs has read what is in it, so it changes only with the content. */
async function writeIfChanged(path: string, content: string): Promise<void> {
  if (existsSync(path) && readFileSync(path, "utf8") === content) return;
  await writeFileAtomic(path, content, { mode: 0o644 });
}

/** hostd's own certificate, which local users trust by reading it from here. */
export function hostdCertificateFile(layout: LocalLayout, host: HostPlan): string {
  return join(layout.host(host.name).runDirectory, "hostd.crt");
}

export async function writeHostConfigurations(
  { layout, plan, bundleDirectory }: ConfigurationInputs,
  host: HostPlan,
): Promise<void> {
  const paths = layout.host(host.name);
  const hostd: z.input<typeof hostdConfiguration> = {
    apiVersion: API_VERSION,
    kind: "HostdConfiguration",
    hostName: host.name,
    runDirectory: paths.runDirectory,
    dataDirectory: join(paths.directory, "hostd"),
    datastoreDirectory: layout.datastoreDirectory,
    bundleDirectory,
    port: host.hostdPort,
    ticketUsers: [SERVICE_USERS.spherelet],
    // Hosts of one machine share its user numbers: each gets its own range.
    userIdBase: 2_000_000 + plan.hosts.indexOf(host) * 10_000,
  };
  await writeIfChanged(paths.hostdConfiguration, stringify(hostd));
  const credential = (name: string) => join(paths.credentialsDirectory, name);
  const spherelet: z.input<typeof sphereletConfiguration> = {
    apiVersion: API_VERSION,
    kind: "SphereletConfiguration",
    nodeName: host.name,
    nodeAddress: host.address,
    port: host.sphereletPort,
    supervisor: {
      url: `https://${plan.apiAddress}:${plan.apiPort}`,
      caFile: credential("ca.crt"),
      certificateFile: credential("node.crt"),
      keyFile: credential("node.key"),
    },
    serving: { certificateFile: credential("serving.crt"), keyFile: credential("serving.key") },
    hostd: {
      url: `https://127.0.0.1:${host.hostdPort}`,
      certificateFile: hostdCertificateFile(layout, host),
      user: SERVICE_USERS.spherelet,
    },
  };
  await writeIfChanged(paths.sphereletConfiguration, stringify(spherelet));
}
