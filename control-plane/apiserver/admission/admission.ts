// What one object alone cannot tell: the steps between a decoded request and the registry that may look at other objects,
// change the object or refuse it. First all that change, then all that only check.
//
// A step that lets others change the object (a webhook, a policy) may ask for a second round, in which every changing step
// sees what came out of the first. There is no third.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import { type Clock, systemClock } from "@atoll/base/clock";
import { MetricsRegistry } from "@atoll/base/metrics";
import { type Tracer, untraced } from "@atoll/base/tracing";
import { AdmissionMetrics, type AdmissionType, type StepDurations } from "../metrics/admission-metrics.ts";
import type { AuditAnnotations } from "../request/audit-annotations.ts";
import type { User } from "../request/request.ts";
import type { OperationOptions } from "./operation-options.ts";

export type AdmissionOperation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A kind that is sent and never stored. */
export interface OtherKind extends GroupVersionKind {
  /** Name in the schema model. */
  readonly schema: string;
}

export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  /** The kind whose resource was asked for, in the version that was asked for. */
  readonly kind: KindDefinition;
  readonly subresource: string;
  /** What `object` is where it is not `kind`: a Binding, a Scale, PodExecOptions. */
  readonly bodyKind?: OtherKind;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  /** "" where the server has still to choose one. */
  readonly name: string;
  /** What shall be stored; changed in place, in a status write its status and metadata only. Undefined for DELETE. */
  readonly object: KubeObject | undefined;
  /** What is stored now. Undefined for CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly options?: OperationOptions;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warnings: string[];
  /** Undefined: nobody writes an audit log of this request. */
  readonly annotations?: AuditAnnotations | undefined;
  /** Whose patience limits the steps' own; a getter is only asked when it matters. Undefined: nobody's. */
  readonly caller?: { readonly signal: AbortSignal; readonly method: string } | undefined;
}

/** What the changing steps of one request tell each other and the registry. */
export class MutationRounds {
  /** True in the second round, which only those who were asked in the first take part in. */
  isSecond = false;
  /** Set by a step: what was settled before it has to be looked at again. */
  needsSecond = false;
  /** Set by a step whose changes nobody here has seen: what only the server writes has to be put right afterwards. */
  isForeign = false;
  #notes: Map<string, unknown> | undefined;

  /** What a step keeps from the first round for the second. */
  notesOf<T>(step: string, make: () => T): T {
    this.#notes ??= new Map();
    let notes = this.#notes.get(step) as T | undefined; // each step has one kind of notes
    if (notes === undefined) {
      notes = make();
      this.#notes.set(step, notes);
    }
    return notes;
  }
}

export interface AdmissionStep {
  readonly name: string;
  /**
   * Asked about everything: also before a deletion is decided, about connections, and about subresources whose body is of
   * another kind. Other steps see creations and updates of the kind itself and check its deletions.
   */
  readonly seesEverything?: boolean;
  /** May change `object`. Throws ApiError to refuse. */
  readonly mutate?: (request: AdmissionRequest, rounds: MutationRounds) => Promise<void> | void;
  /** Sees the object as it will be stored. Throws ApiError to refuse. */
  readonly validate?: (request: AdmissionRequest) => Promise<void> | void;
}

type Mutate = NonNullable<AdmissionStep["mutate"]>;
type Validate = NonNullable<AdmissionStep["validate"]>;

interface Measured<Ask> {
  readonly ask: Ask;
  readonly durations: StepDurations;
}

/** Of all requests, and of those that only a step which sees everything is asked about. */
interface Asked<Ask> {
  readonly usual: readonly Measured<Ask>[];
  readonly special: readonly Measured<Ask>[];
  readonly durations: StepDurations;
}

/** Who is told of what the steps do. */
export interface AdmissionWatch {
  readonly tracer: Tracer;
  readonly metrics: AdmissionMetrics;
  readonly clock: Clock;
}

const UNWATCHED: AdmissionWatch = {
  tracer: untraced,
  metrics: new AdmissionMetrics(new MetricsRegistry()),
  clock: systemClock,
};

export class AdmissionChain {
  readonly #mutating: Asked<Mutate>;
  readonly #validating: Asked<Validate>;
  readonly #tracer: Tracer;
  readonly #clock: Clock;

  constructor(steps: readonly AdmissionStep[], { tracer, metrics, clock } = UNWATCHED) {
    const asked = <Ask>(type: AdmissionType, askOf: (step: AdmissionStep) => Ask | undefined): Asked<Ask> => {
      const measured = (step: AdmissionStep): Measured<Ask>[] => {
        const ask = askOf(step);
        return ask ? [{ ask, durations: metrics.step(step.name, type) }] : [];
      };
      const special = steps.filter(({ seesEverything }) => seesEverything);
      return { usual: steps.flatMap(measured), special: special.flatMap(measured), durations: metrics.all(type) };
    };
    this.#mutating = asked("admit", ({ mutate }) => mutate);
    this.#validating = asked("validate", ({ validate }) => validate);
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /** Answers whether somebody outside this program has changed the object. */
  mutate(request: AdmissionRequest): Promise<boolean> {
    return this.#tracer.inSpan("Admission mutate", {}, () => this.#mutate(request));
  }

  validate(request: AdmissionRequest): Promise<void> {
    return this.#tracer.inSpan("Admission validate", {}, () => this.#validate(request));
  }

  /** Both, where nothing happens in between: deletions, connections, bodies that are not stored as they come. */
  async admit(request: AdmissionRequest): Promise<void> {
    await this.mutate(request);
    await this.validate(request);
  }

  async #mutate(request: AdmissionRequest): Promise<boolean> {
    const rounds = new MutationRounds();
    await this.#mutateOnce(request, rounds);
    if (rounds.needsSecond) {
      rounds.isSecond = true;
      await this.#mutateOnce(request, rounds);
    }
    return rounds.isForeign;
  }

  async #validate(request: AdmissionRequest): Promise<void> {
    const isSpecial = request.operation === "CONNECT" || request.bodyKind !== undefined;
    await this.#ask(request, this.#validating, isSpecial, (validate) => validate(request));
  }

  async #mutateOnce(request: AdmissionRequest, rounds: MutationRounds): Promise<void> {
    const { operation, bodyKind } = request;
    const isSpecial = operation === "CONNECT" || operation === "DELETE" || bodyKind !== undefined;
    await this.#ask(request, this.#mutating, isSpecial, (mutate) => mutate(request, rounds));
  }

  /** One after the other, until one refuses. */
  async #ask<Ask>(
    { operation }: AdmissionRequest,
    { usual, special, durations }: Asked<Ask>,
    isSpecial: boolean,
    call: (ask: Ask) => Promise<void> | void,
  ): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    // A step begins where the one before it ended: one look at the clock for each.
    let stepMs = startMs;
    let asked = durations;
    try {
      for (const step of isSpecial ? special : usual) {
        asked = step.durations;
        const pending = call(step.ask);
        if (pending) await pending;
        const nowMs = this.#clock.monotonicMs();
        asked.observe(operation, false, (nowMs - stepMs) / 1000);
        stepMs = nowMs;
      }
    } catch (thrown) {
      const nowMs = this.#clock.monotonicMs();
      asked.observe(operation, true, (nowMs - stepMs) / 1000);
      durations.observe(operation, true, (nowMs - startMs) / 1000);
      throw thrown;
    }
    durations.observe(operation, false, (stepMs - startMs) / 1000);
  }
}
