import type { KubeObject } from "@atoll/api/resource";

/** Tells users what happened to an object, as Events of the API. Never throws and never waits for the write. */
export interface EventRecorder {
  /** `message` is a sentence for the user; equal events of one object are counted, not repeated. */
  record(
    object: KubeObject,
    event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string },
  ): void;
}
