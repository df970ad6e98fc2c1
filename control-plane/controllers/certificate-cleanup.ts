// Removes requests that are over: whoever made one has fetched his certificate long since, or nobody has decided in a day.

import { APPROVED, DENIED, FAILED } from "@atoll/api/certificates/certificate-signing-request/conditions";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "@atoll/api/certificates/certificate-signing-request/kind";
import { type ControllerDefinition, defineController } from "@atoll/machinery/controller/controller";
import { hasReason } from "@atoll/machinery/object/api-error";

const HOUR_MS = 3_600_000;
/** Upstream's times. */
const DECIDED_MS = HOUR_MS;
const PENDING_MS = 24 * HOUR_MS;

export const certificateCleanup: ControllerDefinition = defineController({
  name: "certificate-cleanup",
  watches: [{ resource: CertificateSigningRequest }],
  owns: [],
  async reconcile(key, { client, cache, clock, signal }) {
    const request = cache.of(CertificateSigningRequest).get(key);
    if (!request) return undefined;
    const remainingMs = endMs(request) - clock.now();
    if (remainingMs > 0) return Number.isFinite(remainingMs) ? { requeueAfterMs: remainingMs } : undefined;
    const { uid = "" } = request.metadata;
    try {
      await client.delete(CertificateSigningRequest, key, { preconditions: { uid }, signal });
    } catch (thrown) {
      if (!hasReason(thrown, "NotFound")) throw thrown;
    }
    return undefined;
  },
});

/** When the request is to go: the earliest of what its conditions say. */
function endMs({ metadata, status }: Request): number {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return timeMs(metadata.creationTimestamp) + PENDING_MS;
  const keptMs: ReadonlyMap<string, number> = new Map([
    // Approved and not signed: its signer may be away.
    [APPROVED, status?.certificate ? DECIDED_MS : PENDING_MS],
    [DENIED, DECIDED_MS],
    [FAILED, DECIDED_MS],
  ]);
  return Math.min(
    ...conditions.map(
      ({ type, lastUpdateTime }) => timeMs(lastUpdateTime) + (keptMs.get(type) ?? Number.POSITIVE_INFINITY),
    ),
  );
}

/** A time that is missing never comes. */
function timeMs(time: string | undefined): number {
  return time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);
}
