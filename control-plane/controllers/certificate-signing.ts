// Signs approved requests to the built-in signers with the Supervisor's own authority, which it is handed and never sees.

import { FAILED, conditionsOfType, isApproved } from "@atoll/api/certificates/certificate-signing-request/conditions";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "@atoll/api/certificates/certificate-signing-request/kind";
import { formatTime } from "@atoll/base/clock";
import { readCertificateRequest } from "@atoll/machinery/certificates/certificate-request";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { isOurSigner, problemOfRequest } from "./certificate-rules.ts";
import { type CertificateUsages, certificateUsages } from "./certificate-usages.ts";

/** Upstream's default; whoever asks for less gets less. */
const LIFETIME_MS_MAX = 365 * 86_400_000;
/** Certificates begin five minutes ago, for clocks that are behind: shorter ones would hardly be valid at all. */
const LIFETIME_MS_MIN = 10 * 60_000;

/** Signs a request in DER; gives the certificate as PEM. */
export type SignCertificate = (
  request: Uint8Array,
  options: CertificateUsages & { readonly lifetimeMs: number },
) => Promise<string>;

export function certificateSigning(sign: SignCertificate): ControllerDefinition {
  return defineController({
    name: "certificate-signing",
    watches: [{ resource: CertificateSigningRequest }],
    owns: ["CertificateSigningRequest.status.certificate", "CertificateSigningRequest.status.conditions.Failed"],
    async reconcile(key, context) {
      const request = context.cache.of(CertificateSigningRequest).get(key);
      if (!request || !isOurSigner(request.spec.signerName) || !isApproved(request)) return undefined;
      if (request.status?.certificate || conditionsOfType(request, FAILED).length > 0) return undefined;
      const { spec } = request;
      const wanted = readCertificateRequest(spec.request);
      const problem = problemOfRequest(spec, wanted);
      if (problem !== undefined) {
        await writeStatus(request, failed(request, problem, formatTime(context.clock.now())), context);
        return undefined;
      }
      const usages = certificateUsages(spec.usages ?? []);
      const pem = await sign(wanted.bytes, { ...usages, lifetimeMs: lifetimeMs(spec.expirationSeconds) });
      await writeStatus(request, { certificate: btoa(pem) }, context);
      return undefined;
    },
  });
}

function lifetimeMs(seconds: number | undefined): number {
  if (seconds === undefined) return LIFETIME_MS_MAX;
  return Math.max(LIFETIME_MS_MIN, Math.min(LIFETIME_MS_MAX, seconds * 1000));
}

function failed({ status }: Request, message: string, lastUpdateTime: string): Request["status"] & {} {
  const condition = { type: FAILED, status: "True", reason: "SignerValidationFailure", message, lastUpdateTime };
  return { conditions: [...(status?.conditions ?? []), condition] };
}

async function writeStatus(request: Request, status: Request["status"] & {}, { client, signal }: ReconcileContext) {
  const written = { ...request, status: { ...request.status, ...status } };
  await client.update(CertificateSigningRequest, written, { subresource: "status", signal });
}
