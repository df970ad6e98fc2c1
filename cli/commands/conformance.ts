import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type DebianPackage, installPackages } from "../local/debian-packages.ts";
import { requirePreflight } from "../local/set-up.ts";
import { diskCheck, rootCheck, systemCheck } from "../preflight/machine-checks.ts";
import { packagesCheck } from "../preflight/software-checks.ts";
import type { World } from "../world.ts";
import { runTool } from "./test.ts";

/** Where a Go from its makers stands; any other one is Debian's, which fetches a newer one if it is too old. */
const GO_ARCHIVE = "/usr/local/go/bin/go";

interface ConformanceOptions {
  readonly class: string;
  readonly focus?: string;
  readonly kubeconfig?: string;
  readonly output: string;
  readonly procs: string;
  readonly contentType: string;
  readonly jobs?: string;
  readonly resume: boolean;
}

function packagesFor({ kubeconfig }: ConformanceOptions): DebianPackage[] {
  const go = { name: "golang-go", provides: "/usr/bin/go", why: "builds the suite, or fetches the Go that does" };
  const own = [
    { name: "iproute2", provides: "/usr/sbin/ip", why: "a network of the Supervisor's own" },
    { name: "util-linux", provides: "/usr/bin/unshare", why: "namespaces of the Supervisor's own" },
  ];
  return [...(existsSync(GO_ARCHIVE) ? [] : [go]), ...(kubeconfig === undefined ? own : [])];
}

export function addConformance(program: Command, world: () => World): void {
  program
    .command("conformance")
    .description("run Kubernetes' conformance tests, on a Supervisor of their own or on a cluster that runs")
    .option("--class <name>", "tests that need the API alone, pods, or a network: api, pods, network, all", "api")
    .option("--focus <regex>", "of these, tests whose name matches")
    .option("--kubeconfig <file>", "the cluster to test; without it a Supervisor without hosts, for the class api")
    .option("--output <directory>", "gets e2e.log, junit_01.xml and summary.txt", ".build/conformance")
    .option("--procs <number>", "tests at once", "6")
    .option("--content-type <name>", "what the tests' clients speak: protobuf or json", "protobuf")
    .option("--jobs <number>", "compilations at once when the suite is built (default: one for each core)")
    .option("--resume", "go on with the run that was interrupted", false)
    .action(async (options: ConformanceOptions) => {
      const here = world();
      const packages = packagesFor(options);
      await requirePreflight(here, [
        systemCheck,
        ...(options.kubeconfig === undefined ? [rootCheck] : []),
        diskCheck([here.roots.cacheDirectory]),
        packagesCheck(packages),
      ]);
      await installPackages(packages, { signal: here.signal, onLine: here.note });
      const given = {
        class: options.class,
        focus: options.focus,
        kubeconfig: options.kubeconfig && resolve(options.kubeconfig),
        // The tool runs in the checkout, the user maybe elsewhere.
        output: resolve(options.output),
        procs: options.procs,
        "content-type": options.contentType,
        jobs: options.jobs,
        cache: here.roots.cacheDirectory,
      };
      const args = Object.entries(given).flatMap(([name, value]) =>
        value === undefined ? [] : [`--${name}=${value}`],
      );
      process.exitCode = await runTool(here, "test/conformance/run.ts", [
        ...args,
        ...(options.resume ? ["--resume"] : []),
      ]);
    });
}
