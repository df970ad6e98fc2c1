// Debian's own registry, for the demonstration and the end-to-end tests: on loopback, without TLS, as a user of its own.

import { join } from "node:path";
import type { Clock } from "@atoll/base/clock";
import { writeFileAtomic } from "@atoll/base/node/write-file-atomic";
import { stringify } from "yaml";
import { ensureDirectory } from "../local/directories.ts";
import type { LocalSupervisor } from "../local/local-supervisor.ts";
import { ensureUser, SERVICE_USERS } from "../local/users.ts";

export const REGISTRY_SERVICE = "demo-registry";

const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** Starts the registry unless it runs. Returns its host and port, as image references name it. */
export async function ensureRegistry(supervisor: LocalSupervisor, clock: Clock, signal: AbortSignal): Promise<string> {
  const { layout, plan, services } = supervisor;
  const address = `127.0.0.1:${plan.registryPort}`;
  const owner = await ensureUser(SERVICE_USERS.registry, signal);
  const data = join(layout.registryDirectory, "data");
  ensureDirectory(layout.registryDirectory, { mode: 0o755 });
  ensureDirectory(data, { mode: 0o700, owner });
  const configuration = join(layout.registryDirectory, "config.yaml");
  const document = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: address },
  };
  await writeFileAtomic(configuration, stringify(document), { mode: 0o644 });
  services.start({
    name: REGISTRY_SERVICE,
    user: SERVICE_USERS.registry,
    command: ["/usr/bin/docker-registry", "serve", configuration],
  });
  const deadline = clock.monotonicMs() + READY_TIMEOUT_MS;
  while (!(await answers(`http://${address}/v2/`, signal))) {
    if (clock.monotonicMs() > deadline) {
      throw new Error(`The registry on ${address} does not answer:\n${services.logTail(REGISTRY_SERVICE)}`);
    }
    await clock.sleep(POLL_MS, signal);
  }
  return address;
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(url, { signal })).ok;
  } catch {
    signal.throwIfAborted();
    return false; // not listening yet
  }
}
