// use: node tools/build-bundle.ts [--cache DIR] [--out DIR] [--print-version] [--check] [--export FILE] [--import FILE]
//
// Builds the guest bundle of this checkout, or finds it in the cache. Prints progress, one line at a time, and at the end the
// bundle's directory. `--print-version` prints nothing but the version; `--check` what would have to be installed, as JSON.

import { cp } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeError } from "@atoll/base/errors";
import {
  bundleVersion,
  DEFAULT_CACHE_DIRECTORY,
  ensureBundle,
  findBuiltBundle,
  MissingSoftwareError,
} from "./bundle/ensure-bundle.ts";
import type { OnProgress } from "./bundle/progress.ts";
import { findMissingSoftware } from "./bundle/software.ts";
import { exportBundle, importBundle } from "./bundle/store.ts";

/** Progress is read by people and by the command line's list of steps. */
const PROGRESS_INTERVAL_MS = 1000;

const EXIT_FAILED = 1;
const EXIT_MISSING_SOFTWARE = 3;

const { values } = parseArgs({
  options: {
    cache: { type: "string", default: DEFAULT_CACHE_DIRECTORY },
    out: { type: "string" },
    "print-version": { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    export: { type: "string" },
    import: { type: "string" },
  },
});

const abort = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => abort.abort(new Error(`Ended by ${name}`)));

function printProgress(): OnProgress {
  let lastStep = "";
  let lastMs = 0;
  return (step, fraction, detail) => {
    const nowMs = Date.now();
    if (step === lastStep && nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    [lastStep, lastMs] = [step, nowMs];
    const percent = fraction === undefined ? "" : ` ${Math.floor(fraction * 100)} %`;
    console.log(`${step}:${percent} ${detail}`);
  };
}

async function main(signal: AbortSignal): Promise<void> {
  if (values["print-version"]) {
    console.log(await bundleVersion(values.cache, signal));
    return;
  }
  if (values.check) {
    const isBuilt = (await findBuiltBundle(values.cache, signal)) !== undefined;
    console.log(JSON.stringify(isBuilt ? [] : await findMissingSoftware(signal), undefined, 2));
    return;
  }
  if (values.import !== undefined) {
    console.log((await importBundle(values.cache, values.import, signal)).directory);
    return;
  }
  const bundle = await ensureBundle({ cacheDirectory: values.cache, signal, onProgress: printProgress() });
  if (values.export !== undefined) await exportBundle(bundle, values.export, signal);
  if (values.out !== undefined) await cp(bundle.directory, values.out, { recursive: true });
  console.log(values.out ?? bundle.directory);
}

try {
  await main(abort.signal);
} catch (error) {
  console.error(describeError(error));
  process.exitCode = error instanceof MissingSoftwareError ? EXIT_MISSING_SOFTWARE : EXIT_FAILED;
}
