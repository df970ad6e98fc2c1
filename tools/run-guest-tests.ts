// Runs the tests of everything that lives in the guest (`guest/`, in Rust) with cargo, compiled beside what the guest bundle is
// built of.
//
//   node tools/run-guest-tests.ts [--cache DIR] [argument of cargo test ...]

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./source-files.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cache: { type: "string", default: "/var/cache/atoll" } },
});
const started = Date.now();
const command = ["test", "--workspace", "--locked", "--quiet", "--lib", "--bins", "--tests", ...positionals];
const result = spawnSync("cargo", command, {
  cwd: join(repositoryRoot(), "guest"),
  stdio: "inherit",
  env: {
    ...process.env,
    CARGO_TARGET_DIR: join(values.cache, "cargo-target"),
    // Nobody debugs what is compiled here, and without debug information it takes two thirds of the time.
    CARGO_PROFILE_DEV_DEBUG: "0",
  },
});
if (result.error) console.error(`cargo could not be started: ${result.error.message}`);
const outcome = result.status === 0 ? "ok" : "FAILED";
console.log(`guest: ${outcome} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
process.exit(result.status ?? 1);
