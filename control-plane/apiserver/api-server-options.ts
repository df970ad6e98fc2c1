// What an API server is made from.

import type { KindDefinition } from "@atoll/api/kind";
import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { MetricsRegistry } from "@atoll/base/metrics";
import type { Random } from "@atoll/base/random";
import type { Tracer } from "@atoll/base/tracing";
import type { Store } from "../store/store.ts";
import type { AuthenticationAuthorities } from "./aggregation/authentication-config.ts";
import type { PortSpan } from "./allocation/node-ports.ts";
import type { ConfiguredAuthentication } from "./authentication/configured-authentication.ts";
import type { FrontProxyOptions } from "./authentication/front-proxy.ts";
import type { ServiceAccountTokens } from "./authentication/service-account-tokens.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import type { HealthCheck } from "./discovery/health.ts";
import type { AuditOptions } from "./handlers/audit.ts";
import type { KeyPairPem } from "./key-pair.ts";
import type { Dial } from "./outgoing/dial.ts";
import type { PostJson } from "./outgoing/https-caller.ts";
import type { AdvertisedAddress } from "./own-objects/own-objects.ts";
import type { Encryption } from "./registry/value-cipher.ts";
import type { NodeClient } from "./streaming/node-client.ts";

export interface AggregationOptions extends AuthenticationAuthorities {
  readonly keyPair: KeyPairPem;
}

export interface ApiServerOptions {
  readonly store: Store;
  readonly kinds: readonly KindDefinition[];
  readonly model: SchemaModel;
  readonly tokens: ServiceAccountTokens;
  /** Undefined: everything is stored as it is (tests). */
  readonly encryption: Encryption | undefined;
  /** What this server proves itself with to those that serve groups in its name. Undefined: with nothing (tests). */
  readonly aggregation?: AggregationOptions;
  /** Undefined: no host can be reached (tests). */
  readonly nodeClient: NodeClient | undefined;
  /** How backends of Services are reached; undefined: straight. */
  readonly dial?: Dial;
  /** How servers of others are called; undefined: over the network (all but tests). */
  readonly post?: PostJson;
  /** Asked before the built-in ones. */
  readonly authorizers?: readonly Authorizer[];
  /** Whose word on users is taken; who is a front proxy, the transport says. */
  readonly frontProxy?: FrontProxyOptions | undefined;
  /** Whose tokens are taken beside service accounts' and bootstrap tokens, and who may be anonymous. */
  readonly authentication?: ConfiguredAuthentication | undefined;
  /** What is written down of requests; undefined: nothing. */
  readonly audit?: AuditOptions | undefined;
  /** Told what is done for each request; undefined: nobody is. */
  readonly tracer?: Tracer | undefined;
  /** What /metrics shows beside what the server counts itself; undefined: nothing. */
  readonly metrics?: MetricsRegistry;
  /** What else the control plane consists of, for `kubectl get componentstatuses`. */
  readonly components?: readonly HealthCheck[];
  /** "127.0.0.1:6443", for discovery. */
  readonly serverAddress: string;
  readonly services: ServiceOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** What services are given. */
export interface ServiceOptions {
  /** Blocks of their addresses, at most one of each family; that of the first is the usual one. */
  readonly cidrs: readonly string[];
  /** Ports on the hosts. */
  readonly nodePorts: PortSpan;
  /** Where pods reach this server. Undefined: nowhere. */
  readonly advertised: AdvertisedAddress | undefined;
  /** Whether other servers of the cluster may work on the same store. */
  readonly sharesStore: boolean;
}
