// How upstream's server has a definition: what all versions say alike stands once, in the spec. The paths of its faults are those.

import type { CustomResourceDefinitionVersion } from "../../generated/types.ts";
import { isEqualJson } from "../../meta/field-error.ts";

const SHARED_PATHS = {
  schema: "spec.validation",
  subresources: "spec.subresources",
  additionalPrinterColumns: "spec.additionalPrinterColumns",
  selectableFields: "spec.selectableFields",
} as const;

export type VersionPart = keyof typeof SHARED_PATHS;

export interface PlacedPart<Part extends VersionPart> {
  readonly path: string;
  readonly value: CustomResourceDefinitionVersion[Part];
  /** Undefined for what all versions share. */
  readonly index: number | undefined;
}

export function placesOf<Part extends VersionPart>(
  versions: readonly CustomResourceDefinitionVersion[],
  part: Part,
): readonly PlacedPart<Part>[] {
  const [first] = versions;
  if (!first) return [];
  const isShared = versions.every((version) => isEqualJson(meantBy(version[part]), meantBy(first[part])));
  if (isShared) return [{ path: SHARED_PATHS[part], value: first[part], index: undefined }];
  return versions.map((version, index) => ({ path: `spec.versions[${index}].${part}`, value: version[part], index }));
}

/** A list without items is none. */
function meantBy(value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
