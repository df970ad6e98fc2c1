import type { Container, PodSpec } from "../../generated/types.ts";

/** Of all sorts, each with its field in the spec: init containers first. */
export function allContainers(spec: PodSpec): readonly { readonly container: Container; readonly field: string }[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, i) => ({ container, field: `${list}[${i}]` })),
  );
}
