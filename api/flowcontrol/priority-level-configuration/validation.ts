import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { forbidden, invalidValue, isEqualJson, required } from "../../meta/field-error.ts";
import { validateChoice } from "../../meta/value-validation.ts";
import { EXEMPT, mandatoryPriorityLevels } from "../bootstrap.ts";

const QUEUES_MAX = 10_000_000;
/** Bits of the hash that deals a flow its queues. */
const HASH_BITS_MAX = 60;
/** Belongs to a version that is served no more. */
const ZERO_SHARES_ANNOTATION = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
const TYPES = ["Exempt", "Limited"];
const RESPONSES = ["Queue", "Reject"];

export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  const { name = "" } = metadata;
  const { type = "", limited, exempt } = spec ?? {};
  const errors: FieldError[] = [];
  if (metadata.annotations?.[ZERO_SHARES_ANNOTATION] !== undefined) {
    errors.push(forbidden("metadata.annotations", `annotation '${ZERO_SHARES_ANNOTATION}' is forbidden`));
  }
  if ((name === EXEMPT) !== (type === "Exempt")) {
    errors.push(invalidValue("spec.type", type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  errors.push(...validateChoice(type, TYPES, "spec.type"));
  if (type === "Exempt") {
    if (limited) errors.push(forbidden("spec.limited", "must be nil if the type is not Limited"));
    if (exempt) errors.push(...validateShares(exempt, "spec.exempt"), ...validateLending(exempt, "spec.exempt"));
  } else if (type === "Limited") {
    if (exempt) errors.push(forbidden("spec.exempt", "must be nil if the type is Limited"));
    if (limited) errors.push(...validateLimited(limited, "spec.limited"));
    else errors.push(required("spec.limited", "must not be empty when type is Limited"));
  }
  const fixed = mandatoryPriorityLevels.find((seed) => seed.name === name)?.spec;
  if (!fixed) return errors;
  if (name === EXEMPT) {
    // Its shares are the administrator's: they say how much others leave for it.
    if (isEqualJson({ ...spec, exempt: undefined }, { ...fixed, exempt: undefined })) return errors;
    const text = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
    return [...errors, invalidValue("spec", spec, text)];
  }
  if (isEqualJson(spec, fixed)) return errors;
  return [...errors, invalidValue("spec", spec, `spec of '${name}' must equal the fixed value`)];
}

function validateShares(
  { nominalConcurrencyShares: shares = 0 }: ExemptPriorityLevelConfiguration,
  path: string,
): FieldError[] {
  return shares >= 0
    ? []
    : [invalidValue(`${path}.nominalConcurrencyShares`, shares, "must be a non-negative integer")];
}

function validateLending({ lendablePercent = 0 }: ExemptPriorityLevelConfiguration, path: string): FieldError[] {
  return lendablePercent >= 0 && lendablePercent <= 100
    ? []
    : [invalidValue(`${path}.lendablePercent`, lendablePercent, "must be between 0 and 100, inclusive")];
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string): FieldError[] {
  const { limitResponse, borrowingLimitPercent = 0 } = limited;
  const errors = validateShares(limited, path);
  errors.push(...validateResponse(limitResponse, `${path}.limitResponse`), ...validateLending(limited, path));
  if (borrowingLimitPercent < 0) {
    const text = "if specified, must be a non-negative integer";
    errors.push(invalidValue(`${path}.borrowingLimitPercent`, borrowingLimitPercent, text));
  }
  return errors;
}

function validateResponse(response: LimitResponse | undefined, path: string): FieldError[] {
  const { type, queuing } = response ?? {};
  const field = `${path}.queuing`;
  if (type === "Reject") {
    return queuing ? [forbidden(field, "must be nil if limited.limitResponse.type is not Limited")] : [];
  }
  if (type !== "Queue") return validateChoice(type, RESPONSES, `${path}.type`);
  if (!queuing) return [required(field, "must not be empty if limited.limitResponse.type is Limited")];
  return validateQueuing(queuing, field);
}

function validateQueuing(queuing: QueuingConfiguration, path: string): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const errors: FieldError[] = [];
  const refuse = (field: string, value: number, text: string) =>
    errors.push(invalidValue(`${path}.${field}`, value, text));
  if (queueLengthLimit <= 0) refuse("queueLengthLimit", queueLengthLimit, "must be positive");
  if (queues <= 0) refuse("queues", queues, "must be positive");
  else if (queues > QUEUES_MAX) refuse("queues", queues, `must not be greater than ${QUEUES_MAX}`);
  if (handSize <= 0) refuse("handSize", handSize, "must be positive");
  else if (handSize > queues) refuse("handSize", handSize, `should not be greater than queues (${queues})`);
  else if (entropyBits(queues, handSize) > HASH_BITS_MAX) {
    const text = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS_MAX}`;
    refuse("handSize", handSize, text);
  }
  return errors;
}

/** How many bits it takes to deal each hand of so many cards equally often. */
function entropyBits(deckSize: number, handSize: number): number {
  return Math.ceil(Math.log2(deckSize) * handSize);
}
