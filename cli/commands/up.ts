import { type Command, InvalidArgumentError, Option } from "commander";
import { LocalLayout } from "../local/layout.ts";
import { LocalSupervisor } from "../local/local-supervisor.ts";
import { API_PORT_DEFAULT, HOSTS_MAX, makePlan, readPlan } from "../local/plan.ts";
import { hostPackages, installSteps, machineChecks, requirePreflight, startSteps } from "../local/set-up.ts";
import { runSteps } from "../output/steps.ts";
import type { World } from "../world.ts";

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`it must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export interface UpOptions {
  readonly hosts?: number;
  readonly apiPort?: number;
}

/** The Supervisor that `up` is to bring up: the one set up before, or a new one. Throws when the two do not fit. */
export function plannedSupervisor(world: World, options: UpOptions): LocalSupervisor {
  const layout = new LocalLayout(world.roots);
  const before = readPlan(layout);
  if (before && options.hosts !== undefined && options.hosts !== before.hosts.length) {
    throw new Error(
      `This Supervisor has ${before.hosts.length} host(s); to change that run "atoll down --purge" first, which deletes its data`,
    );
  }
  if (before && options.apiPort !== undefined && options.apiPort !== before.apiPort) {
    throw new Error(
      `This Supervisor has its API on port ${before.apiPort}; to change that run "atoll down --purge" first, which deletes its data`,
    );
  }
  const plan = before ?? makePlan({ hosts: options.hosts ?? 1, apiPort: options.apiPort ?? API_PORT_DEFAULT });
  return new LocalSupervisor(layout, plan, world.clock);
}

/** Says which programs go on as they were started, though what they were started with has changed since. */
export function noteOutdated(world: World, supervisor: LocalSupervisor): void {
  const names = supervisor.outdatedServices();
  if (names.length === 0) return;
  world.note(
    `note: the configuration of ${names.join(", ")} (the guest bundle, say) has changed since the start; the old one is used ` +
      'until "atoll down" and "atoll up"',
  );
}

export async function up(world: World, options: UpOptions): Promise<LocalSupervisor> {
  const supervisor = plannedSupervisor(world, options);
  const packages = await hostPackages(world);
  await requirePreflight(world, machineChecks(world, supervisor, packages));
  const steps = [...installSteps(world, packages), ...startSteps(world, supervisor)];
  await runSteps(steps, () => world.clock.monotonicMs());
  noteOutdated(world, supervisor);
  return supervisor;
}

export function addUp(program: Command, world: () => World): void {
  program
    .command("up")
    .description(
      "set this machine up and start a Supervisor with its hosts; starts just what is missing when run again",
    )
    .addOption(
      new Option("--hosts <n>", "hosts, each in its own network namespace when more than one (default: 1)").argParser(
        wholeNumber(1, HOSTS_MAX),
      ),
    )
    .addOption(
      new Option("--api-port <port>", `port of the API (default: ${API_PORT_DEFAULT})`).argParser(
        wholeNumber(1, 65_535),
      ),
    )
    .action(async (options: UpOptions) => {
      const supervisor = await up(world(), options);
      world().print(
        [
          `The Supervisor is ready at https://${supervisor.plan.apiAddress}:${supervisor.plan.apiPort}`,
          `  export KUBECONFIG=${supervisor.layout.adminKubeconfig}`,
          "  kubectl get nodes",
        ].join("\n"),
      );
    });
}
