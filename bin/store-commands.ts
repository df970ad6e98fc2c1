// What `supervisor backup` and `supervisor restore` do: the whole store to standard output, and back from standard input. Both
// run beside the Supervisor's own process, as its user.

import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import { Lease } from "@atoll/api/coordination/lease/kind";
import { storageKey, storagePrefix } from "@atoll/control-plane/apiserver/registry/storage-keys";
import { PRIVATE_FILE_MODE } from "@atoll/control-plane/certificates/certificate-files";
import { openBackup } from "@atoll/control-plane/store/backup/backup-format";
import { createBackup } from "@atoll/control-plane/store/backup/create-backup";
import { restoreEtcd } from "@atoll/control-plane/store/etcd/etcd-restore";
import { openSqliteFile, restoreSqlite } from "@atoll/control-plane/store/sqlite/sqlite-backup";
import { type Store, StoreError } from "@atoll/control-plane/store/store";
import { CONTROLLERS_LEASE } from "./controllers-lease.ts";
import { openStore, type StoreEnvironment, sqliteDirectory } from "./open-store.ts";

type Configuration = Pick<SupervisorConfiguration, "dataDirectory" | "store">;

export async function backUp(
  configuration: Configuration,
  environment: StoreEnvironment,
  output: Writable,
): Promise<void> {
  const {
    dataDirectory,
    store: { type },
  } = configuration;
  const about = { store: type, nowMs: environment.clock.now() };
  if (type === "sqlite") {
    using source = await openSqliteFile(sqliteDirectory(dataDirectory));
    await pipeline(Readable.from(createBackup(source, about), { objectMode: false }), output, { end: false });
  } else {
    await using source = await openStore(configuration, environment);
    await pipeline(Readable.from(createBackup(source, about), { objectMode: false }), output, { end: false });
  }
}

/** Checks the whole backup before it touches the store. Returns how many keys it had. */
export async function restore(
  configuration: Configuration,
  environment: StoreEnvironment,
  input: Readable,
): Promise<number> {
  const { dataDirectory, store } = configuration;
  const spool = join(dataDirectory, `restore.${process.pid}`);
  try {
    await pipeline(input, createWriteStream(spool, { mode: PRIVATE_FILE_MODE, flags: "wx" }));
    const { entries } = await openBackup(createReadStream(spool));
    for await (const _ of entries);
    const backup = await openBackup(createReadStream(spool));
    if (store.type === "sqlite") return await restoreSqlite(sqliteDirectory(dataDirectory), backup);
    await using target = await openStore(configuration, environment, { mayBeHalfRestored: true });
    await refuseRunningSupervisor(target, environment.clock.now());
    return await restoreEtcd(target, backup, (text) => process.stderr.write(`${text}\n`));
  } finally {
    await rm(spool, { force: true });
  }
}

/** Of all Supervisors on one etcd one holds the controllers' Lease, and renews it for as long as any runs. */
async function refuseRunningSupervisor(store: Store, nowMs: number): Promise<void> {
  const key = storageKey(storagePrefix(Lease), CONTROLLERS_LEASE.namespace, CONTROLLERS_LEASE.name);
  const {
    items: [item],
  } = await store.range({ start: key });
  if (!item) return;
  const { spec }: Lease = JSON.parse(Buffer.from(item.value).toString());
  const endsMs = Date.parse(spec?.renewTime ?? "") + (spec?.leaseDurationSeconds ?? 0) * 1000;
  if (!spec?.holderIdentity || !(endsMs > nowMs)) return;
  throw new StoreError(
    "Locked",
    `Restore store: Supervisor "${spec.holderIdentity}" runs on it; stop all of them first`,
  );
}
