import { auditPolicy } from "@atoll/api/config/audit-policy";
import type { SupervisorConfiguration } from "@atoll/api/config/supervisor";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import { AuditFile } from "@atoll/control-plane/apiserver/audit/audit-file";
import type { AuditSink } from "@atoll/control-plane/apiserver/audit/audit-sink";
import { AuditWebhook } from "@atoll/control-plane/apiserver/audit/audit-webhook";
import { EventPoster } from "@atoll/control-plane/apiserver/audit/post-events";
import type { AuditOptions } from "@atoll/control-plane/apiserver/handlers/audit";
import { readDocument } from "./read-document.ts";
import { readKubeconfig } from "./read-kubeconfig.ts";

type AuditSettings = NonNullable<SupervisorConfiguration["api"]["audit"]>;

/** What is written down of requests, and where. What it opens belongs to `running`, which ends what is still to be written. */
export async function openAudit(
  settings: AuditSettings,
  running: AsyncDisposableStack,
  world: { readonly clock: Clock; readonly random: Random; readonly log: Logger },
): Promise<AuditOptions> {
  const { policyFile, logFile, sizeMegabytesMax, ageDaysMax, backupsMax, webhook } = settings;
  const policy = await readDocument(policyFile, auditPolicy);
  const sinks: AuditSink[] = [];
  if (logFile !== undefined) {
    const sizeBytesMax = sizeMegabytesMax * 1024 * 1024;
    sinks.push(running.use(new AuditFile({ path: logFile, sizeBytesMax, ageDaysMax, backupsMax, ...world })));
  }
  if (webhook) {
    const { configFile, batchWaitSeconds, ...limits } = webhook;
    const { send } = running.use(new EventPoster(await readKubeconfig(configFile), world.clock));
    sinks.push(running.use(new AuditWebhook({ ...limits, ...world, send, batchWaitMs: batchWaitSeconds * 1000 })));
  }
  return { policy, sinks };
}
