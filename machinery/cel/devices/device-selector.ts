// Selectors of devices: what they may speak of, and whether one is sound and cheap enough to be asked for each device.

import { tableOf } from "@atoll/base/table-of";
import { baseEnvironment } from "../base-environment.ts";
import { ANY, BOOL, isSameType, mapOf, opaqueType, STRING } from "../check/cel-type.ts";
import { extendEnvironment, objectWithFields } from "../check/environment.ts";
import { nameOfType } from "../check/type-names.ts";
import type { SizeOfPath } from "../cost/operand.ts";
import { estimateCost } from "../cost/estimate.ts";
import { parseAndCheck } from "../program.ts";

const QUANTITY = opaqueType("kubernetes.Quantity");

const device = objectWithFields("kubernetes.DRADevice", {
  driver: STRING,
  allowMultipleAllocations: BOOL,
  attributes: mapOf(STRING, mapOf(STRING, ANY)),
  capacity: mapOf(STRING, mapOf(STRING, QUANTITY)),
});

const environment = extendEnvironment(baseEnvironment(), {
  objects: [device.declaration],
  variables: { device: device.type },
  macros: ["cel.bind"],
});

/** In upstream's units, for one device. */
const COST_MAX = 1_000_000;

export interface SelectorFault {
  readonly type: "invalid" | "tooExpensive";
  readonly text: string;
}

export function selectorFault(text: string): SelectorFault | undefined {
  const checked = parseAndCheck(text, environment);
  if ("error" in checked) return { type: "invalid", text: `compilation failed: ${checked.error}` };
  const { expression, type } = checked;
  if (!isSameType(type, BOOL) && !isSameType(type, ANY)) {
    return { type: "invalid", text: `must evaluate to bool or the unknown type, not ${nameOfType(type)}` };
  }
  if (estimateCost(expression, sizeOfPath).max <= COST_MAX) return undefined;
  return { type: "tooExpensive", text: "too complex, exceeds cost limit" };
}

interface Sized {
  readonly elementsMax: number;
  readonly keys?: Sized;
  readonly values?: Sized;
  readonly fields?: Readonly<Record<string, Sized>>;
}

/** Of attributes and capacities in one device, of domains, of identifiers in them, of words in attributes, of drivers' names. */
const ENTRIES_MAX = 32;
const DOMAIN: Sized = { elementsMax: 63 };
const IDENTIFIER: Sized = { elementsMax: 32 };
const ATTRIBUTE_SIZE: Sized = { elementsMax: 64 };
const DRIVER: Sized = { elementsMax: 63 };
const FLAG: Sized = { elementsMax: 1 };
/** Nothing that is known of a size: upstream counts it as none. */
const UNSIZED: Sized = { elementsMax: 0 };

function byDomain(values: Sized): Sized {
  return {
    elementsMax: ENTRIES_MAX,
    keys: DOMAIN,
    values: { elementsMax: ENTRIES_MAX, keys: IDENTIFIER, values },
  };
}

const DEVICE: Sized = {
  elementsMax: 0,
  fields: tableOf({
    driver: DRIVER,
    allowMultipleAllocations: FLAG,
    attributes: byDomain(ATTRIBUTE_SIZE),
    capacity: byDomain(UNSIZED),
  }),
};

const sizeOfPath: SizeOfPath = ([root, ...steps]) => {
  let place: Sized | undefined = root === "device" ? DEVICE : undefined;
  for (const step of steps) {
    if (step === "@keys") place = place?.keys;
    else if (step === "@items" || step === "@values") place = place?.values;
    // All attributes may be equally large, whatever they are called.
    else place = place?.fields?.[step] ?? (place?.values === ATTRIBUTE_SIZE ? ATTRIBUTE_SIZE : undefined);
  }
  return place && { min: 0, max: place.elementsMax };
};
