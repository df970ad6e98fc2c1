// Several Supervisors may serve one API; the controllers of one of them work, and those of another when it has ended.

import { hostname } from "node:os";
import { randomUuid } from "@atoll/base/random";
import { runAsLeader } from "@atoll/machinery/controller/leader-election";
import { type ControllersStart, startControllers } from "./controllers.ts";

/** Held by the one whose controllers work. */
export const CONTROLLERS_LEASE = { namespace: "kube-system", name: "atoll-controllers" };

/** As `startControllers`, whenever this program holds the Lease. */
export function startControllersAsLeader(start: ControllersStart): Promise<void> {
  const { client, clock, random, log, signal } = start;
  const identity = `${hostname()}_${randomUuid(random)}`;
  const work = (held: AbortSignal) => startControllers({ ...start, signal: held });
  return runAsLeader({ client, clock, random, log, lease: CONTROLLERS_LEASE, identity }, work, signal);
}
