import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition as Condition,
} from "../../generated/types.ts";

export const APPROVED = "Approved";
export const DENIED = "Denied";
export const FAILED = "Failed";

export function conditionsOfType({ status }: CertificateSigningRequest, type: string): Condition[] {
  return (status?.conditions ?? []).filter((condition) => condition.type === type);
}

export function isApproved(request: CertificateSigningRequest): boolean {
  return conditionsOfType(request, APPROVED).length > 0;
}

export function isDenied(request: CertificateSigningRequest): boolean {
  return conditionsOfType(request, DENIED).length > 0;
}

/** Whoever writes the status does not decide: what was said of approval stays as it is where it is still said. */
export function keepDecisions(object: CertificateSigningRequest, old: CertificateSigningRequest): void {
  const conditions = object.status?.conditions;
  if (!conditions) return;
  for (const type of [APPROVED, DENIED]) {
    const known = conditionsOfType(old, type);
    const places = conditions.flatMap((condition, index) => (condition.type === type ? [index] : []));
    if (known.length !== places.length) continue;
    for (const [index, place] of places.entries()) conditions[place] = { ...known[index] } as Condition; // as many as places
  }
}

/** In place: the times that a writer of conditions leaves out. */
export function fillConditionTimes(
  object: CertificateSigningRequest,
  old: CertificateSigningRequest,
  now: string,
): void {
  for (const condition of object.status?.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??=
      old.status?.conditions?.find(({ type, status }) => type === condition.type && status === condition.status)
        ?.lastTransitionTime ?? now;
  }
}
