// What `up`, `demo` and `test` share: from a bare machine to a running local Supervisor, as steps with progress.

import { cargoCheck, findCargo, packagesCheck } from "../preflight/software-checks.ts";
import { type Check, type CheckReport, failedChecks, formatReports, runChecks } from "../preflight/check.ts";
import {
  acceleratorCheck,
  diskCheck,
  memoryCheck,
  passableCheck,
  portsCheck,
  rootCheck,
  systemCheck,
  tunCheck,
} from "../preflight/machine-checks.ts";
import type { Step } from "../output/steps.ts";
import type { World } from "../world.ts";
import { installDebianPackages } from "./apt.ts";
import { compileStep } from "./compile-programs.ts";
import { ensureBundle, isBundleBuilt } from "./bundle.ts";
import {
  BUILD_PACKAGES,
  type DebianPackage,
  HOST_PACKAGES,
  installPackages,
  missingPackages,
} from "./debian-packages.ts";
import type { LocalSupervisor } from "./local-supervisor.ts";
import { writePlan } from "./plan.ts";

/** All checks of a machine that is to run `supervisor`, with the packages it will need. */
export function machineChecks(world: World, supervisor: LocalSupervisor, packages: readonly DebianPackage[]): Check[] {
  const { plan, services } = supervisor;
  const hosts = plan.hosts.filter((host) => host.networkNamespace === undefined);
  const ports = [
    {
      service: supervisor.supervisorService(),
      address: "127.0.0.1",
      port: plan.apiPort,
      use: "the API",
      flag: "atoll up --api-port",
    },
    ...hosts.flatMap((host) => [
      { service: supervisor.hostdService(host), address: "127.0.0.1", port: host.hostdPort, use: "hostd" },
      {
        service: supervisor.sphereletService(host),
        address: host.address,
        port: host.sphereletPort,
        use: "the spherelet",
      },
    ]),
  ];
  return [
    systemCheck,
    rootCheck,
    memoryCheck,
    diskCheck([world.roots.stateDirectory, world.roots.cacheDirectory]),
    passableCheck([world.roots.stateDirectory, world.roots.runDirectory]),
    portsCheck(ports.filter(({ service }) => !services.isRunning(service.name))),
    tunCheck,
    acceleratorCheck,
    packagesCheck(packages),
    cargoCheck(() => isBundleBuilt(world.roots, world.signal)),
  ];
}

/** The checks of a machine that is only to run the tests, which choose ports of their own. */
export function testChecks(world: World, packages: readonly DebianPackage[]): Check[] {
  return [
    systemCheck,
    rootCheck,
    memoryCheck,
    diskCheck([world.roots.cacheDirectory]),
    tunCheck,
    acceleratorCheck,
    packagesCheck(packages),
    cargoCheck(async () => false),
  ];
}

/** Runs pre-flight and prints it; throws when a check failed. */
export async function requirePreflight(world: World, checks: readonly Check[]): Promise<void> {
  const reports: CheckReport[] = await runChecks(checks, world.signal);
  world.note(formatReports(reports));
  const failed = failedChecks(reports).map((report) => report.name);
  if (failed.length > 0) throw new Error(`Pre-flight failed: ${failed.join(", ")}; nothing was changed`);
}

export interface InstallOptions {
  /** "always": not only where the guest bundle must be built. */
  readonly rust?: "always";
}

/** Packages and bundle: everything that is done once on a machine. */
export function installSteps(world: World, packages: readonly DebianPackage[], { rust }: InstallOptions = {}): Step[] {
  const { signal, roots } = world;
  return [
    {
      title: "Debian packages",
      skip: async () => (missingPackages(packages).length === 0 ? "all there" : undefined),
      run: async (say) => {
        await installPackages(packages, { signal, onLine: say });
      },
    },
    {
      title: "Rust compiler",
      skip: async () => {
        if (rust !== "always" && (await isBundleBuilt(roots, signal))) return "not needed, the guest bundle is built";
        const cargo = await findCargo(signal);
        return cargo.kind === "installed" ? `cargo ${cargo.version}` : undefined;
      },
      run: async (say) => {
        const cargo = await findCargo(signal);
        if (cargo.kind !== "debian") throw new Error("No Rust compiler to be had; see pre-flight");
        await installDebianPackages(cargo.packages, { signal, onLine: say });
      },
    },
    {
      title: "Guest bundle (kernel, system disks, agent)",
      skip: async () => ((await isBundleBuilt(roots, signal)) ? "built before" : undefined),
      run: async (say) => {
        await ensureBundle(roots, { signal, onLine: say });
      },
    },
  ];
}

/** From installed software to a Supervisor with its hosts Ready. */
export function startSteps(world: World, supervisor: LocalSupervisor): Step[] {
  const { signal, roots } = world;
  return [
    {
      title: "Users, directories, configuration",
      run: async () => {
        await writePlan(supervisor.layout, supervisor.plan);
        await supervisor.prepare(await ensureBundle(roots, { signal, onLine: () => {} }), signal);
      },
    },
    compileStep(world, supervisor),
    { title: "Supervisor", run: () => supervisor.startSupervisor(signal) },
    ...supervisor.plan.hosts.map((host) => ({
      title: `Host ${host.name}`,
      run: async () => {
        await supervisor.issueCredentials(host, signal);
        await supervisor.startHost(host, signal);
      },
    })),
  ];
}

/** What a machine needs to run hosts; with a finished bundle (one that was carried here, say) no compiler is needed. */
export async function hostPackages({ roots, signal }: World): Promise<readonly DebianPackage[]> {
  return (await isBundleBuilt(roots, signal)) ? HOST_PACKAGES : [...HOST_PACKAGES, ...BUILD_PACKAGES];
}
