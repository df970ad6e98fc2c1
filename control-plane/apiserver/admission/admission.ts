// What one object alone cannot tell: the steps between a decoded request and the registry that may look at other objects,
// change the object or refuse it. First all that change, then all that only check.

import type { KindDefinition } from "@atoll/api/kind";
import type { KubeObject } from "@atoll/api/resource";
import type { User } from "../request/request.ts";

export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: KindDefinition;
  readonly subresource: string;
  /** "" for cluster-scoped objects. */
  readonly namespace: string;
  /** "" where the server has still to choose one. */
  readonly name: string;
  /** What shall be stored; changed in place. Undefined for DELETE. */
  readonly object: KubeObject | undefined;
  /** What is stored now. Undefined for CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warnings: string[];
}

export interface AdmissionStep {
  readonly name: string;
  /** May change `object`. Throws ApiError to refuse. */
  readonly mutate?: (request: AdmissionRequest) => Promise<void> | void;
  /** Sees the object as it will be stored. Throws ApiError to refuse. */
  readonly validate?: (request: AdmissionRequest) => Promise<void> | void;
}

export class AdmissionChain {
  readonly #steps: readonly AdmissionStep[];

  constructor(steps: readonly AdmissionStep[]) {
    this.#steps = steps;
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    for (const step of this.#steps) if (step.mutate) await step.mutate(request);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const step of this.#steps) if (step.validate) await step.validate(request);
  }
}
