import type { Node } from "../../generated/types.ts";
import { warningsOfBlock } from "../../meta/address-warnings.ts";

export function nodeWarnings({ spec }: Node): string[] {
  const text = "spec.externalID: this field is deprecated, and is unused by Kubernetes";
  const blocks = spec.podCIDRs ?? [];
  return [
    ...(spec.externalID ? [text] : []),
    ...blocks.flatMap((block, i) => warningsOfBlock(`spec.podCIDRs[${i}]`, block)),
  ];
}
