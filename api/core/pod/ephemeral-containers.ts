// PUT and PATCH of pods/<name>/ephemeralcontainers: containers that join a running pod, to look into it. They come and never go.

import type { Pod } from "../../generated/types.ts";
import type { FieldError, PartialUpdate } from "../../kind.ts";
import { forbidden, isEqualJson } from "../../meta/field-error.ts";
import { applyPodDefaults } from "./defaults.ts";
import { isMirrorPod, keepPodBut } from "./part-of-pod.ts";
import { validatePod } from "./validation.ts";

const FIELD = "spec.ephemeralContainers";

export const ephemeralContainersUpdate: PartialUpdate<Pod> = {
  prepare(pod, old) {
    applyPodDefaults(pod);
    const { ephemeralContainers } = pod.spec;
    keepPodBut(pod, old, (spec) => {
      const { ephemeralContainers: _former, ...rest } = spec;
      return { ...rest, ...(ephemeralContainers ? { ephemeralContainers } : {}) };
    });
  },
  validate(pod, old) {
    if (isMirrorPod(old)) return [forbidden("", "static pods do not support ephemeral containers")];
    return [...validatePod(pod), ...validateOnlyAdded(pod, old)];
  },
};

function validateOnlyAdded({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  return (old.ephemeralContainers ?? []).flatMap((container) => {
    const name = JSON.stringify(container.name);
    const now = spec.ephemeralContainers?.find((candidate) => candidate.name === container.name);
    if (!now) return [forbidden(FIELD, `existing ephemeral containers ${name} may not be removed\n`)];
    return isEqualJson(now, container)
      ? []
      : [forbidden(FIELD, `existing ephemeral containers ${name} may not be changed\n`)];
  });
}
