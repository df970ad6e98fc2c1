// A Supervisor and its hosts on this machine, brought up and taken down step by step. Every step may run again: what is there
// already is left alone, so `up` after a crash starts just what is missing.

import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "@atoll/base/node/run-command";
import type { Clock } from "@atoll/base/clock";
import { CodedError, describeError } from "@atoll/base/errors";
import { Node } from "@atoll/api/core/node/kind";
import { ApiAccess } from "./api-access.ts";
import {
  type ConfigurationInputs,
  hostdCertificateFile,
  writeHostConfigurations,
  writeSupervisorConfiguration,
} from "./configuration.ts";
import { ensureDirectory } from "./directories.ts";
import type { LocalLayout } from "./layout.ts";
import type { HostPlan, LocalPlan } from "./plan.ts";
import { type Service, Services } from "./services.ts";
import { ensureUnderlay, removeUnderlay } from "./underlay.ts";
import { ensureUser, SERVICE_USERS } from "./users.ts";

/** A Supervisor is ready within seconds of its start; on a machine that is busy building, within tens of them. */
const READY_TIMEOUT_MS = 60_000;
/** A host first boots a probe guest, under software emulation several seconds each. */
const NODE_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

export class LocalSupervisorError extends CodedError<"NotReady" | "NotSetUp"> {}

/**
 * MiB of each half of V8's young generation. Node lets it grow to four times as much, for a few per cent of speed where much is
 * made and dropped; here that was a third of the Supervisor's memory and no speed (decision 0251).
 */
const YOUNG_GENERATION_MIB = 8;

/** Node with what it compiled the last time: a start takes half the time. The directory must be the program's own. */
function nodeCommand(node: string, compileCache: string): string[] {
  return ["env", `NODE_COMPILE_CACHE=${compileCache}`, node, `--max-semi-space-size=${YOUNG_GENERATION_MIB}`];
}

export class LocalSupervisor {
  readonly layout: LocalLayout;
  readonly plan: LocalPlan;
  readonly services: Services;
  readonly #clock: Clock;

  constructor(layout: LocalLayout, plan: LocalPlan, clock: Clock) {
    this.layout = layout;
    this.plan = plan;
    this.services = new Services(layout, clock);
    this.#clock = clock;
  }

  supervisorService(): Service {
    return this.#confined(
      { name: "supervisor", user: SERVICE_USERS.supervisor, compileCache: this.layout.supervisorCompileCache },
      ["bin/supervisor.ts", "--config", this.layout.supervisorConfiguration],
    );
  }

  /** The Supervisor's program for its store, to be run once. */
  storeTool(name: "backup" | "restore"): Service {
    return this.#confined({ name, user: SERVICE_USERS.supervisor, compileCache: this.layout.supervisorCompileCache }, [
      "bin/supervisor.ts",
      name,
      "--config",
      this.layout.supervisorConfiguration,
    ]);
  }

  hostdService(host: HostPlan): Service {
    return { ...this.#hostd(host, ["--config", this.layout.host(host.name).hostdConfiguration]), ...inNamespace(host) };
  }

  sphereletService(host: HostPlan): Service {
    const { sphereletConfiguration } = this.layout.host(host.name);
    return { ...this.#spherelet(host, ["--config", sphereletConfiguration]), ...inNamespace(host) };
  }

  /** Of each program the command that has Node compile it into its cache, to be run once. */
  compilers(): Service[] {
    const { supervisorCompileCache: compileCache } = this.layout;
    return [
      this.#confined({ name: "supervisor", user: SERVICE_USERS.supervisor, compileCache }, [
        "bin/supervisor.ts",
        "compile",
      ]),
      ...this.plan.hosts.flatMap((host) => [this.#hostd(host, ["compile"]), this.#spherelet(host, ["compile"])]),
    ];
  }

  /** All services, in the order of their start. */
  allServices(): Service[] {
    return [
      this.supervisorService(),
      ...this.plan.hosts.flatMap((host) => [this.hostdService(host), this.sphereletService(host)]),
    ];
  }

  /** Services that run with an older configuration than the one that stands in their file now. */
  outdatedServices(): string[] {
    const configured = [
      { service: this.supervisorService(), file: this.layout.supervisorConfiguration },
      ...this.plan.hosts.flatMap((host) => [
        { service: this.hostdService(host), file: this.layout.host(host.name).hostdConfiguration },
        { service: this.sphereletService(host), file: this.layout.host(host.name).sphereletConfiguration },
      ]),
    ];
    return configured
      .filter(({ service, file }) => {
        const startedAtMs = this.services.startedAtMs(service.name);
        return startedAtMs !== undefined && existsSync(file) && statSync(file).mtimeMs > startedAtMs;
      })
      .map(({ service }) => service.name);
  }

  /** Users, directories and configuration documents. */
  async prepare(bundleDirectory: string, signal: AbortSignal): Promise<void> {
    const supervisor = await ensureUser(SERVICE_USERS.supervisor, signal);
    const spherelet = await ensureUser(SERVICE_USERS.spherelet, signal);
    ensureDirectory(this.layout.roots.stateDirectory, { mode: 0o755 });
    ensureDirectory(this.layout.roots.runDirectory, { mode: 0o755 });
    ensureDirectory(this.layout.supervisorDirectory, { mode: 0o700, owner: supervisor });
    ensureDirectory(this.layout.datastoreDirectory, { mode: 0o711 });
    ensureDirectory(this.layout.logDirectory, { mode: 0o700 });
    const inputs: ConfigurationInputs = { layout: this.layout, plan: this.plan, bundleDirectory };
    await writeSupervisorConfiguration(inputs);
    for (const host of this.plan.hosts) {
      const paths = this.layout.host(host.name);
      ensureDirectory(paths.directory, { mode: 0o755 });
      ensureDirectory(paths.credentialsDirectory, { mode: 0o700, owner: spherelet });
      ensureDirectory(paths.sphereletCompileCache, { mode: 0o700, owner: spherelet });
      ensureDirectory(paths.hostdCompileCache, { mode: 0o700 });
      await writeHostConfigurations(inputs, host);
    }
    await ensureUnderlay(this.plan, signal);
  }

  async startSupervisor(signal: AbortSignal): Promise<void> {
    const service = this.supervisorService();
    this.services.start(service);
    await this.#until(service, READY_TIMEOUT_MS, signal, async () => {
      if (!existsSync(this.layout.adminKubeconfig)) return "it has not written its kubeconfig yet";
      await using api = this.api();
      await api.text("/readyz", signal);
      return undefined;
    });
  }

  /** Certificates of a node, by the Supervisor's authority; kept when they are there. */
  async issueCredentials(host: HostPlan, signal: AbortSignal): Promise<void> {
    const directory = this.layout.host(host.name).credentialsDirectory;
    if (existsSync(join(directory, "serving.key"))) return;
    const spherelet = await ensureUser(SERVICE_USERS.spherelet, signal);
    // The Supervisor's user signs, the spherelet's user owns: neither may read the other's directory, so files change hands here.
    const outbox = join(this.layout.supervisorDirectory, "issued", host.name);
    const command = [
      "bin/supervisor.ts",
      ...["issue-node", "--config", this.layout.supervisorConfiguration],
      ...["--name", host.name, "--address", host.address, "--out", outbox],
    ];
    const [program = "", ...args] = this.services.commandOf(
      this.#confined(
        { name: "issue-node", user: SERVICE_USERS.supervisor, compileCache: this.layout.supervisorCompileCache },
        command,
      ),
    );
    await runCommand(program, args, { signal });
    const owner = `${spherelet.uid}:${spherelet.gid}`;
    await runCommand(
      "sh",
      ["-c", 'cp -r "$1/." "$2" && chown -R "$3" "$2" && rm -rf "$1"', "sh", outbox, directory, owner],
      { signal },
    );
  }

  async startHost(host: HostPlan, signal: AbortSignal): Promise<void> {
    const hostd = this.hostdService(host);
    // A certificate of the run before would let the wait end before hostd listens.
    if (!this.services.isRunning(hostd.name)) rmSync(hostdCertificateFile(this.layout, host), { force: true });
    this.services.start(hostd);
    await this.#until(hostd, NODE_TIMEOUT_MS, signal, async () =>
      existsSync(hostdCertificateFile(this.layout, host)) ? undefined : "hostd has not written its certificate yet",
    );
    const spherelet = this.sphereletService(host);
    this.services.start(spherelet);
    await using api = this.api();
    await this.#until(spherelet, NODE_TIMEOUT_MS, signal, async () => {
      const node = await api.client.get(Node, { name: host.name }, { signal });
      const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
      return ready?.status === "True"
        ? undefined
        : `node "${host.name}" is not Ready: ${ready?.message ?? "no condition yet"}`;
    });
  }

  api(): ApiAccess {
    return new ApiAccess(this.layout.adminKubeconfig, this.#clock);
  }

  /** Ends every program. Pods end with their host: hostd removes all that it made. */
  async stop(signal: AbortSignal, onStep: (step: string) => void): Promise<void> {
    for (const host of this.plan.hosts) {
      onStep(`spherelet of ${host.name}`);
      await this.services.stop(this.sphereletService(host).name, signal);
      onStep(`hostd of ${host.name}`);
      await this.services.stop(this.hostdService(host).name, signal);
      onStep(`pods, bridge and rules of ${host.name}`);
      await this.#removeAll(host, signal);
    }
    onStep("Supervisor");
    await this.services.stop(this.supervisorService().name, signal);
    onStep("networks between the hosts");
    await removeUnderlay(this.plan, signal);
    rmSync(this.layout.roots.runDirectory, { recursive: true, force: true });
  }

  async #removeAll(host: HostPlan, signal: AbortSignal): Promise<void> {
    const configuration = this.layout.host(host.name).hostdConfiguration;
    if (!existsSync(configuration)) return;
    if (host.networkNamespace !== undefined && !existsSync(`/run/netns/${host.networkNamespace}`)) return;
    const program = join(this.layout.roots.programDirectory, "bin/hostd.ts");
    const [command = "", ...args] = this.services.commandOf({
      name: "remove-all",
      command: [process.execPath, program, "remove-all", "--config", configuration],
      ...inNamespace(host),
    });
    await runCommand(command, args, { signal });
  }

  #hostd(host: HostPlan, args: readonly string[]): Service {
    const program = join(this.layout.roots.programDirectory, "bin/hostd.ts");
    const { hostdCompileCache } = this.layout.host(host.name);
    return {
      name: `hostd-${host.name}`,
      command: [...nodeCommand(process.execPath, hostdCompileCache), program, ...args],
    };
  }

  #spherelet(host: HostPlan, args: readonly string[]): Service {
    const { sphereletCompileCache: compileCache } = this.layout.host(host.name);
    return this.#confined({ name: `spherelet-${host.name}`, user: SERVICE_USERS.spherelet, compileCache }, [
      "bin/spherelet.ts",
      ...args,
    ]);
  }

  #confined(
    { name, user, compileCache }: { readonly name: string; readonly user: string; readonly compileCache: string },
    [program = "", ...args]: readonly string[],
  ): Service {
    const directory = this.layout.confinedProgramDirectory;
    const node = nodeCommand(join(directory, "node_modules/.bin/node"), compileCache);
    return { name, user, command: [...node, join(directory, program), ...args] };
  }

  /** Polls until `check` returns undefined; what it returns or throws until then is the reason that a time-out names. */
  async #until(
    service: Service,
    timeoutMs: number,
    signal: AbortSignal,
    check: () => Promise<string | undefined>,
  ): Promise<void> {
    const deadline = this.#clock.monotonicMs() + timeoutMs;
    for (;;) {
      const reason = await check().catch((error: unknown) => describeError(error));
      signal.throwIfAborted();
      if (reason === undefined) return;
      if (this.#clock.monotonicMs() > deadline) {
        const log = `last lines of ${this.layout.logFile(service.name)}:\n${this.services.logTail(service.name)}`;
        throw new LocalSupervisorError("NotReady", `${service.name} did not become ready: ${reason}\n${log}`);
      }
      await this.#clock.sleep(POLL_MS, signal);
    }
  }
}

function inNamespace(host: HostPlan): { networkNamespace?: string } {
  return host.networkNamespace === undefined ? {} : { networkNamespace: host.networkNamespace };
}
