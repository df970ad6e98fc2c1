// The VM manager's front door: `hostd --config FILE` serves until it is told to end; `hostd remove-all --config FILE` ends
// every microVM of this host and removes bridge, taps, rules, mounts and run files. `hostd compile` only fills Node's compile cache.

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { hostdConfiguration } from "@atoll/api/config/hostd";
import { systemClock } from "@atoll/base/clock";
import { createLogger } from "@atoll/base/node/log";
import { systemRandom } from "@atoll/base/random";
import { Hostd, removeAll } from "@atoll/host/hostd/hostd";
import { parse } from "yaml";

const { values, positionals } = parseArgs({
  options: { config: { type: "string" } },
  allowPositionals: true,
});
const [command = "serve", ...rest] = positionals;
// All that the program consists of is imported by now; Node writes its cache at the end.
if (command === "compile") process.exit(0);
if (!values.config || rest.length > 0 || (command !== "serve" && command !== "remove-all")) {
  console.error("Usage: hostd [serve | remove-all] --config FILE, or hostd compile");
  process.exit(2);
}
const configuration = hostdConfiguration.parse(parse(await readFile(values.config, "utf8")));
const log = createLogger({ component: "hostd", level: configuration.log.level });
const world = { clock: systemClock, random: systemRandom, log };

const ending = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) {
  process.once(name, () => ending.abort(new Error(`Received ${name}`)));
}

try {
  if (command === "remove-all") await removeAll(configuration, world, ending.signal);
  else {
    const ended = new Promise((resolve) => ending.signal.addEventListener("abort", resolve, { once: true }));
    await using _hostd = await Hostd.start(configuration, world, ending.signal);
    await ended;
    log.info("VM manager ends; its microVMs go on");
  }
} catch (error) {
  log.error("VM manager cannot go on", { error });
  process.exitCode = 1;
}
