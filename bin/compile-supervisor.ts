// `supervisor compile`, run once where a Supervisor is installed: leaves everything that Node compiles of the program in the cache
// that NODE_COMPILE_CACHE names, also what is loaded on demand and in other threads. Without it the first start has Node's reader
// of TypeScript in its two threads, 10 MiB each for as long as it runs.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseYamlBody } from "@atoll/control-plane/apiserver/input/parse-yaml";
import { openSqliteStore } from "@atoll/control-plane/store/sqlite/sqlite-store";
import type { StoreEnvironment } from "./open-store.ts";

/** Longer than what is read without a thread. */
const YAML_BYTES = 64 * 1024;

/** What `supervisor.ts` imports is compiled when this is called; Node writes its cache when the program ends. */
export async function compileSupervisor(environment: StoreEnvironment): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "atoll-compile-"));
  try {
    // Its writer is a thread.
    await using _store = await openSqliteStore({ directory, ...environment });
    await parseYamlBody(Buffer.from(`text: ${"a".repeat(YAML_BYTES)}`));
    await import("@atoll/base/node/otlp-tracer");
    await import("@atoll/control-plane/store/etcd/etcd-store");
  } finally {
    await rm(directory, { recursive: true });
  }
}
