// What a pod's worker needs of its host, handed to every worker alike.

import type { HostSettings } from "@atoll/api/config/host-settings";
import type { Pod } from "@atoll/api/generated/types";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { Client } from "@atoll/machinery/client/client";
import type { EventRecorder } from "@atoll/machinery/controller/event-recorder";
import type { Lister } from "@atoll/machinery/controller/informer";
import type { AgentLines } from "../hostd/agent-lines.ts";
import type { Hostd } from "../hostd/hostd-client.ts";
import type { ImageListers } from "../images/pod-images.ts";
import type { CrxSizeDefaults } from "./crx-size.ts";
import type { DnsConfiguration } from "./pod-dns.ts";
import type { ReferencedObjects } from "./referenced-objects.ts";
import type { ServiceAccountTokens } from "./service-account-tokens.ts";
import type { StatusWriter } from "./status-writer.ts";

export interface PodContext {
  readonly client: Client;
  readonly hostd: Hostd;
  readonly lines: AgentLines;
  /** Pods bound to this host. */
  readonly pods: Lister<Pod>;
  readonly images: ImageListers;
  readonly objects: ReferencedObjects;
  readonly tokens: ServiceAccountTokens;
  readonly statuses: StatusWriter;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly hostAddress: string;
  readonly sizes: CrxSizeDefaults;
  readonly hostDns: DnsConfiguration;
  /** Undefined until they were heard; no pod is begun or taken up before. */
  readonly settings: () => HostSettings | undefined;
  /** What the host offers: cores, bytes. */
  readonly allocatable: () => Readonly<Record<string, number>>;
  /** Makes the pod's worker look again. */
  readonly wake: (podUid: string) => void;
}
