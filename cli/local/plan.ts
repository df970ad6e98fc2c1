import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { z } from "zod";
import type { LocalLayout } from "./layout.ts";

/** What a local Supervisor consists of: asked for by the first `up`, kept for every later one and for `down`. */
const plan = z.strictObject({
  formatVersion: z.literal(1),
  hosts: z.array(
    z.strictObject({
      name: z.string(),
      /** The namespace the host lives in; absent for a single host, which lives in the machine's own network. */
      networkNamespace: z.string().optional(),
      /** Where the others reach this host. */
      address: z.string(),
      hostdPort: z.int(),
      sphereletPort: z.int(),
    }),
  ),
  /** Where clients and hosts reach the API. */
  apiAddress: z.string(),
  apiPort: z.int(),
  registryPort: z.int(),
});
export type LocalPlan = z.infer<typeof plan>;
export type HostPlan = LocalPlan["hosts"][number];

export const API_PORT_DEFAULT = 6443;
const HOSTD_PORT = 9444;
const SPHERELET_PORT = 10250;
/** Not 5000: where Debian's registry runs as a service, it has that. */
const REGISTRY_PORT = 5050;

/** Hosts of one machine reach each other over this network, each from a namespace of its own. */
export const UNDERLAY = {
  bridge: "atoll-underlay",
  prefix: "100.64.0",
  prefixLength: 24,
  gateway: "100.64.0.1",
} as const;
/** Each host is a hostd, a spherelet and its pods on one machine; more is a load test, not a try-out. */
export const HOSTS_MAX = 16;

export function makePlan(options: { readonly hosts: number; readonly apiPort: number }): LocalPlan {
  const alone = options.hosts === 1;
  return {
    formatVersion: 1,
    hosts: Array.from({ length: options.hosts }, (_, index) => ({
      name: `host-${index + 1}`,
      ...(alone ? {} : { networkNamespace: `atoll-host-${index + 1}` }),
      address: alone ? "127.0.0.1" : `${UNDERLAY.prefix}.${10 + index}`,
      hostdPort: HOSTD_PORT,
      sphereletPort: SPHERELET_PORT,
    })),
    apiAddress: alone ? "127.0.0.1" : UNDERLAY.gateway,
    apiPort: options.apiPort,
    registryPort: REGISTRY_PORT,
  };
}

export function readPlan(layout: LocalLayout): LocalPlan | undefined {
  if (!existsSync(layout.planFile)) return undefined;
  return plan.parse(JSON.parse(readFileSync(layout.planFile, "utf8")));
}

export async function writePlan(layout: LocalLayout, value: LocalPlan): Promise<void> {
  mkdirSync(dirname(layout.planFile), { recursive: true });
  await writeFileAtomic(layout.planFile, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o644 });
}
