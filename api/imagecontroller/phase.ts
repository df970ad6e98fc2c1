import type { FieldError } from "../kind.ts";
import { notSupported } from "../meta/field-error.ts";

/** A status tells one of its kind's phases, or none yet. */
export function validatePhase(phase: string | undefined, phases: readonly string[]): FieldError[] {
  return phase === undefined || phases.includes(phase) ? [] : [notSupported("status.phase", phase, phases)];
}
