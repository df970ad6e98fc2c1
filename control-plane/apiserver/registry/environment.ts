import type { Eventual } from "@atoll/base/eventual";
import type { FaultsAt, FieldError, KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import type { Clock } from "@atoll/base/clock";
import type { Logger } from "@atoll/base/log";
import type { Random } from "@atoll/base/random";
import type { AdmissionChain, AdmissionRequest } from "../admission/admission.ts";
import type { WatchMetrics } from "../metrics/watch-metrics.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { Reserver } from "./reservation.ts";
import type { ResourceTable } from "./resource-table.ts";

/** Reads all expressions of an object, as far as there are any. */
export type ReadExpressions = (object: KubeObject) => Eventual<FaultsAt>;

/** Which fields of a write are not for who asks for it, or not where it is. */
export type CheckFieldRights = (request: AdmissionRequest) => Promise<readonly FieldError[]>;

/** What every verb of the registry works with. */
export interface RegistryEnvironment {
  readonly resources: ResourceTable;
  readonly model: SchemaModel;
  readonly admission: AdmissionChain;
  readonly watches: WatchMetrics;
  /** Of the few kinds whose objects take something from a pool. */
  readonly reservers: ReadonlyMap<KindDefinition, Reserver>;
  /** Of the kinds whose objects have expressions in them. */
  readonly expressions: ReadonlyMap<KindDefinition, ReadExpressions>;
  /** Of the kinds in which not everybody may write every field. */
  readonly fieldRights: ReadonlyMap<KindDefinition, CheckFieldRights>;
  /** For rights beyond the one that the request itself needs. */
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}
