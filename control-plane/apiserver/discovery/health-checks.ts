// What this server cannot do without; `health.ts` answers with it.

import { ApiError } from "@atoll/machinery/object/api-error";
import type { Store } from "../../store/store.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { HealthCheck } from "./health.ts";

export function healthChecks(parts: {
  readonly store: Store;
  readonly resources: ResourceTable;
  readonly isEnding: () => boolean;
}): readonly HealthCheck[] {
  const { store, resources, isEnding } = parts;
  return [
    { name: "ping", failure: () => undefined },
    { name: "store", failure: () => storeFailure(store) },
    { name: "watch-caches", isReadinessOnly: true, failure: () => emptyCaches(resources) },
    {
      name: "shutdown",
      isReadinessOnly: true,
      failure: () => (isEnding() ? "the server is shutting down" : undefined),
    },
  ];
}

/** The store by the name of what upstream keeps its data in. */
export function storeHealth(store: Store): HealthCheck {
  return { name: "etcd-0", failure: () => storeFailure(store) };
}

function emptyCaches(resources: ResourceTable): string | undefined {
  const empty = resources.all().filter(({ isReady }) => !isReady);
  return empty.length === 0 ? undefined : `not filled yet: ${empty.map(({ prefix }) => prefix).join(", ")}`;
}

async function storeFailure(store: Store): Promise<string | undefined> {
  try {
    await store.currentRevision();
    return undefined;
  } catch (error) {
    return ApiError.from(error).message;
  }
}
