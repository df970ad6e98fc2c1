import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Command } from "commander";
import { BUILD_PACKAGES, DEMO_PACKAGES, HOST_PACKAGES, TEST_PACKAGES } from "../local/debian-packages.ts";
import { installSteps, requirePreflight, testChecks } from "../local/set-up.ts";
import { runSteps } from "../output/steps.ts";
import type { World } from "../world.ts";

/** Runs a tool of the checkout with its output shown; returns its exit code. */
export async function runTool(world: World, path: string, args: readonly string[] = []): Promise<number> {
  const { programDirectory } = world.roots;
  const child = spawn(process.execPath, [join(programDirectory, path), ...args], {
    cwd: programDirectory,
    stdio: "inherit",
  });
  const onAbort = () => child.kill("SIGTERM");
  world.signal.addEventListener("abort", onAbort, { once: true });
  const [code] = await once(child, "exit");
  world.signal.removeEventListener("abort", onAbort);
  return typeof code === "number" ? code : 1;
}

export function addTest(program: Command, world: () => World): void {
  program
    .command("test")
    .description(
      "set this machine up and run all that a commit must pass, the tests of the guest and of the store on etcd, a third of Kubernetes' conformance tests of the API, and the end-to-end tests on real microVMs",
    )
    .option("--unit", "only format, lint, types, fences and unit tests: no root, nothing installed", false)
    .action(async ({ unit }: { unit: boolean }) => {
      const here = world();
      if ((await runTool(here, "tools/ok.ts")) !== 0) {
        process.exitCode = 1;
        return;
      }
      if (unit) return;
      const packages = [...HOST_PACKAGES, ...BUILD_PACKAGES, ...DEMO_PACKAGES, ...TEST_PACKAGES];
      await requirePreflight(here, testChecks(here, packages));
      await runSteps(installSteps(here, packages, { rust: "always" }), () => here.clock.monotonicMs());
      const cache = ["--cache", here.roots.cacheDirectory];
      const guest = await runTool(here, "tools/run-guest-tests.ts", cache);
      const etcd = await runTool(here, "tools/run-etcd-tests.ts");
      const third = ["--class", "api", "--third", ...cache];
      const conformance = await runTool(here, "test/conformance/run.ts", third);
      process.exitCode = (await runTool(here, "test/e2e/run.ts", cache)) || conformance || guest || etcd;
    });
}
