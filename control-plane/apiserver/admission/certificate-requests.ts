// CertificateSigningRequests: who made one is written by the server, what is no request is refused, nobody gets a certificate
// that would make him more than the cluster's administrator allows, and approving and signing need a right of their own.

import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "@atoll/api/certificates/certificate-signing-request/kind";
import {
  FAILED,
  conditionsOfType,
  fillConditionTimes,
} from "@atoll/api/certificates/certificate-signing-request/conditions";
import { SIGNER } from "@atoll/api/certificates/signer-name";
import { invalidValue } from "@atoll/api/meta/field-error";
import { type Clock, formatTime } from "@atoll/base/clock";
import {
  CertificateRequestError,
  readCertificateRequest,
  verifyCertificateRequest,
} from "@atoll/machinery/certificates/certificate-request";
import { MASTERS_GROUP } from "../authentication/authenticator.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { invalidObject } from "../registry/field-errors.ts";
import { isDeepEqual } from "../registry/deep-equal.ts";
import type { ResourceTable } from "../registry/resource-table.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission.ts";
import { forbid } from "./namespace-lifecycle.ts";

interface Options {
  readonly resources: ResourceTable;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
}

export function certificateRequests({ resources, authorizer, clock }: Options): AdmissionStep {
  const { kind } = resources.of(CertificateSigningRequest);
  return {
    name: "certificate-requests",
    mutate(request) {
      if (request.kind !== kind || !request.object) return;
      const object = request.object as Request; // the kind's
      const old = request.oldObject as Request | undefined;
      if (!old) nameRequestor(object, request);
      else if (request.subresource !== "") fillConditionTimes(object, old, formatTime(clock.now()));
    },
    async validate(request) {
      if (request.kind !== kind || !request.object) return;
      const object = request.object as Request; // the kind's
      const old = request.oldObject as Request | undefined;
      if (!old) await checkRequest(object, request);
      else if (request.subresource === "approval") await checkRight(request, authorizer, { verb: "approve", old });
      else if (request.subresource === "status" && isSigning(object, old)) {
        await checkRight(request, authorizer, { verb: "sign", old });
      }
    },
  };
}

function nameRequestor({ spec }: Request, { user }: AdmissionRequest): void {
  delete spec.uid;
  delete spec.extra;
  spec.username = user.name;
  spec.groups = [...user.groups];
  if (user.uid) spec.uid = user.uid;
  if (user.extra && Object.keys(user.extra).length > 0)
    spec.extra = structuredClone(user.extra) as typeof spec.extra & {};
}

async function checkRequest({ spec }: Request, request: AdmissionRequest): Promise<void> {
  const text = spec.request ?? "";
  try {
    const { organizations } = readCertificateRequest(text);
    await verifyCertificateRequest(text);
    if (spec.signerName === SIGNER.apiClient && organizations.includes(MASTERS_GROUP)) {
      throw forbid(request, `use of ${SIGNER.apiClient} signer with ${MASTERS_GROUP} group is not allowed`);
    }
  } catch (thrown) {
    if (!(thrown instanceof CertificateRequestError)) throw thrown;
    throw invalidObject(request.kind, request.name, [invalidValue("spec.request", text, thrown.message)]);
  }
}

/** Giving a certificate, or saying that there will be none. */
function isSigning(object: Request, old: Request): boolean {
  return (
    object.status?.certificate !== old.status?.certificate ||
    !isDeepEqual(conditionsOfType(object, FAILED), conditionsOfType(old, FAILED))
  );
}

/** The right to a signer, or to all of its domain. */
async function checkRight(
  request: AdmissionRequest,
  authorizer: Authorizer,
  { verb, old }: { readonly verb: "approve" | "sign"; readonly old: Request },
): Promise<void> {
  const { signerName } = old.spec;
  const place = {
    isResourceRequest: true,
    path: "",
    group: CertificateSigningRequest.group,
    version: "*",
    namespace: "",
  };
  for (const name of [signerName, `${signerName.split("/")[0]}/*`]) {
    const asked = { ...place, resource: "signers", subresource: "", name, verb };
    if ((await authorizer.authorize(request.user, asked)).type === "allow") return;
  }
  throw forbid(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}
