// Follows FlowSchemas and PriorityLevelConfigurations, and says for each request which flow and level it has. What a user's
// requests are classified as is remembered, so that a request costs one look-up while nothing is contended.

import { CATCH_ALL, mandatoryPriorityLevels, type PriorityLevelSeed } from "@atoll/api/flowcontrol/bootstrap";
import { FlowSchema } from "@atoll/api/flowcontrol/flow-schema/kind";
import { PriorityLevelConfiguration } from "@atoll/api/flowcontrol/priority-level-configuration/kind";
import type { PriorityLevelConfigurationSpec } from "@atoll/api/generated/types";
import type { KubeObject } from "@atoll/api/resource";
import type { Clock } from "@atoll/base/clock";
import { type ObjectIndex, ObjectFollower } from "../registry/object-follower.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { User } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";
import { matchesSchema, sortSchemas } from "./flow-classes.ts";
import { PriorityLevel, type Refusal } from "./priority-level.ts";
import { lendSeats, seatBounds } from "./seat-shares.ts";

/** Seats of one server: upstream's 400 readers and 200 writers. */
export const SEATS = 600;
/** How often seats may be lent while somebody misses them. */
const LENDING_MS = 1_000;
/** Kinds of requests one user makes; whoever makes more is classified anew. */
const REMEMBERED_MAX = 512;

export interface FlowClass {
  readonly schemaName: string;
  readonly schemaUid: string;
  readonly level: PriorityLevel;
  readonly distinguisher: "ByUser" | "ByNamespace" | undefined;
}

interface Configuration {
  readonly schemas: readonly { readonly schema: FlowSchema; readonly flow: FlowClass }[];
  readonly levels: readonly PriorityLevel[];
  /** For who matches no schema, as a user of no group does. */
  readonly fallback: FlowClass;
  readonly remembered: WeakMap<User, Map<string, FlowClass>>;
}

/** All objects of a kind by name, and whether they have changed. */
class NamedObjects<T extends KubeObject> implements ObjectIndex<T> {
  readonly byName = new Map<string, T>();
  isChanged = true;

  clear(): void {
    this.byName.clear();
    this.isChanged = true;
  }

  add(object: T): void {
    this.byName.set(object.metadata.name ?? "", object);
    this.isChanged = true;
  }

  remove({ metadata }: T): void {
    this.byName.delete(metadata.name ?? "");
    this.isChanged = true;
  }
}

export class FlowController {
  readonly #clock: Clock;
  readonly #schemas = new NamedObjects<FlowSchema>();
  readonly #levels = new NamedObjects<PriorityLevelConfiguration>();
  readonly #followers: readonly ObjectFollower<never>[];
  readonly #onChange: () => void;
  readonly #seats: number;
  #configuration: Configuration;
  #lentAtMs = Number.NEGATIVE_INFINITY;
  #timer: Disposable | undefined;

  constructor(options: {
    readonly resources: ResourceTable;
    readonly clock: Clock;
    /** Called, never awaited, when the objects have changed. */
    readonly onChange: () => void;
    readonly seats?: number;
  }) {
    const { resources, clock, onChange, seats = SEATS } = options;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#seats = seats;
    this.#followers = [
      new ObjectFollower(resources, FlowSchema, this.#schemas),
      new ObjectFollower(resources, PriorityLevelConfiguration, this.#levels),
    ];
    this.#configuration = this.#configure(undefined);
  }

  /** Brings the configuration up to every write that was acknowledged before. */
  async pullNewest(): Promise<void> {
    for (const follower of this.#followers) await follower.pullNewest();
    this.#refresh();
  }

  classify(user: User, info: RequestInfo): FlowClass {
    this.#refresh();
    const { remembered } = this.#configuration;
    let known = remembered.get(user);
    if (!known) {
      known = new Map();
      remembered.set(user, known);
    }
    const key = info.isResourceRequest
      ? `${info.verb} ${info.group} ${info.resource} ${info.subresource} ${info.namespace}`
      : `${info.verb} ${info.path}`;
    let flow = known.get(key);
    if (!flow) {
      flow = this.#match(user, info);
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(key, flow);
    }
    return flow;
  }

  /** Waits for seats that were not free; the refusal when there will be none. */
  async wait(
    flow: FlowClass,
    request: { readonly user: User; readonly info: RequestInfo; readonly seats: number; readonly signal: AbortSignal },
  ): Promise<Refusal | undefined> {
    const { user, info, seats, signal } = request;
    this.#lend();
    if (flow.level.tryTake(seats)) return undefined;
    const words = { ByUser: user.name, ByNamespace: info.namespace };
    const distinguisher = flow.distinguisher ? words[flow.distinguisher] : "";
    return flow.level.wait(`${flow.schemaName}\n${distinguisher}`, seats, signal);
  }

  get levels(): readonly PriorityLevel[] {
    return this.#configuration.levels;
  }

  get schemas(): readonly FlowSchema[] {
    return [...this.#schemas.byName.values()];
  }

  hasLevel(name: string): boolean {
    return this.#levels.byName.has(name);
  }

  #refresh(): void {
    for (const follower of this.#followers) follower.pull();
    if (!this.#schemas.isChanged && !this.#levels.isChanged) return;
    this.#configuration = this.#configure(this.#configuration);
    this.#onChange();
  }

  #configure(old: Configuration | undefined): Configuration {
    this.#schemas.isChanged = false;
    this.#levels.isChanged = false;
    const levels = this.#makeLevels(old);
    const byName = new Map(levels.map((level) => [level.name, level]));
    const schemas = sortSchemas([...this.#schemas.byName.values()]).flatMap((schema) => {
      const level = byName.get(schema.spec?.priorityLevelConfiguration?.name ?? "");
      return level ? [{ schema, flow: flowOf(schema, level) }] : [];
    });
    const level = byName.get(CATCH_ALL) ?? levels[0];
    if (!level) throw new Error("There is no priority level");
    const fallback: FlowClass = { schemaName: CATCH_ALL, schemaUid: "", level, distinguisher: "ByUser" };
    return { schemas, levels, fallback, remembered: new WeakMap() };
  }

  #makeLevels(old: Configuration | undefined): PriorityLevel[] {
    const stored = [...this.#levels.byName.values()].map(({ metadata, spec }) => ({
      name: metadata.name ?? "",
      uid: metadata.uid ?? "",
      spec: spec ?? { type: "Limited" },
    }));
    // Until the objects are there, as the mandatory ones will be.
    const missing = mandatoryPriorityLevels
      .filter((seed) => !this.#levels.byName.has(seed.name))
      .map((seed: PriorityLevelSeed) => ({ ...seed, uid: "" }));
    const all: readonly { name: string; uid: string; spec: PriorityLevelConfigurationSpec }[] = [...stored, ...missing];
    const bounds = seatBounds(
      all.map(({ spec }) => spec),
      this.#seats,
    );
    return all.map(({ name, uid, spec }, index) => {
      const share = bounds[index] ?? { nominal: 1, min: 1, max: 1 };
      const present = old?.levels.find((level) => level.name === name);
      const queuing = spec.limited?.limitResponse?.queuing;
      const shape = { name, uid, isExempt: spec.type === "Exempt", bounds: share, queuing };
      // Whoever is in a level stays there: it goes on as it is, with its new shape.
      if (present) return present.reshape(shape);
      return new PriorityLevel({ ...shape, clock: this.#clock });
    });
  }

  #match(user: User, info: RequestInfo): FlowClass {
    const { schemas, fallback } = this.#configuration;
    return schemas.find(({ schema }) => matchesSchema(schema, user, info))?.flow ?? fallback;
  }

  /** Divides the seats by what has been wanted of late; again as long as somebody waits. */
  #lend(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#lendLater();
    if (nowMs - this.#lentAtMs < LENDING_MS) return;
    this.#lentAtMs = nowMs;
    const limited = this.levels.filter(({ isExempt }) => !isExempt);
    const seats = lendSeats(
      limited.map((level) => ({ ...level.bounds, wanted: level.takePeak() })),
      this.#seats,
    );
    for (const [index, level] of limited.entries()) {
      level.seats = seats[index] ?? level.bounds.nominal;
      level.dispatch();
    }
  }

  #lendLater(): void {
    if (this.#timer) return;
    this.#timer = this.#clock.setTimer(LENDING_MS, () => {
      this.#timer = undefined;
      if (this.levels.some(({ counts }) => counts.waiting > 0)) this.#lend();
    });
  }
}

function flowOf({ metadata, spec }: FlowSchema, level: PriorityLevel): FlowClass {
  const type = spec?.distinguisherMethod?.type;
  const distinguisher = type === "ByUser" || type === "ByNamespace" ? type : undefined;
  return { schemaName: metadata.name ?? "", schemaUid: metadata.uid ?? "", level, distinguisher };
}
