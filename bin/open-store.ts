// The store that the configuration names.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { EtcdTls } from "@atoll/control-plane/store/etcd/etcd-client";
import { refuseHalfRestored } from "@atoll/control-plane/store/etcd/etcd-restore";
import { openSqliteStore } from "@atoll/control-plane/store/sqlite/sqlite-store";
import type { Store } from "@atoll/control-plane/store/store";

export interface StoreEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

type EtcdConfiguration = Extract<SupervisorConfiguration["store"], { readonly type: "etcd" }>;

/** Belongs to the caller, who closes it. */
export async function openStore(
  { dataDirectory, store }: Pick<SupervisorConfiguration, "dataDirectory" | "store">,
  environment: StoreEnvironment,
  { mayBeHalfRestored = false } = {},
): Promise<Store> {
  if (store.type === "sqlite") return openSqliteStore({ directory: sqliteDirectory(dataDirectory), ...environment });
  // Its library is large: who keeps the data in a file does not load it.
  const { openEtcdStore } = await import("@atoll/control-plane/store/etcd/etcd-store");
  await using opened = new AsyncDisposableStack();
  const onEtcd = opened.use(
    await openEtcdStore({ endpoints: store.endpoints, tls: await readTls(store), ...environment }),
  );
  if (!mayBeHalfRestored) await refuseHalfRestored(onEtcd);
  opened.move();
  return onEtcd;
}

export function sqliteDirectory(dataDirectory: string): string {
  return join(dataDirectory, "store");
}

async function readTls({ tls }: EtcdConfiguration): Promise<EtcdTls | undefined> {
  if (!tls) return undefined;
  const [authority, certificate, key] = await Promise.all(
    [tls.authorityFile, tls.certificateFile, tls.keyFile].map((file) => readFile(file)),
  );
  if (!authority) throw new TypeError("A file that was read has no content");
  return { authority, certificate, key };
}
