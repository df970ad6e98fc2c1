// Approves requests of hosts for their own client certificates: of those that join with a bootstrap token, and of those that
// renew. Whether one may is asked of the API, so that RBAC decides; all others wait for a person.

import { isApproved, isDenied } from "@atoll/api/certificates/certificate-signing-request/conditions";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "@atoll/api/certificates/certificate-signing-request/kind";
import { SIGNER } from "@atoll/api/certificates/signer-name";
import type { KubeObject, Resource } from "@atoll/api/resource";
import { readCertificateRequest } from "@atoll/machinery/certificates/certificate-request";
import {
  type ControllerDefinition,
  type ReconcileContext,
  defineController,
} from "@atoll/machinery/controller/controller";
import { problemOfKubeletClient } from "./certificate-rules.ts";

interface AccessReview extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean };
}

const AccessReview: Resource<AccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
};

export const certificateApproval: ControllerDefinition = defineController({
  name: "certificate-approval",
  watches: [{ resource: CertificateSigningRequest }],
  owns: ["CertificateSigningRequest.status.conditions.Approved"],
  async reconcile(key, context) {
    const request = context.cache.of(CertificateSigningRequest).get(key);
    if (!request || request.status?.certificate || isApproved(request) || isDenied(request)) return undefined;
    const { spec } = request;
    if (spec.signerName !== SIGNER.kubeletClient) return undefined;
    const wanted = readCertificateRequest(spec.request);
    if (problemOfKubeletClient(spec, wanted) !== undefined) return undefined;
    const isOwn = spec.username === wanted.commonName;
    if (isOwn && (await mayCreate("selfnodeclient", request, context))) {
      await approve(request, "Auto approving self kubelet client certificate after SubjectAccessReview.", context);
    } else if (await mayCreate("nodeclient", request, context)) {
      await approve(request, "Auto approving kubelet client certificate after SubjectAccessReview.", context);
    }
    return undefined;
  },
});

async function mayCreate(subresource: string, { spec }: Request, { client, signal }: ReconcileContext) {
  const { group, plural } = CertificateSigningRequest;
  const review = await client.create(
    AccessReview,
    {
      metadata: {},
      spec: {
        user: spec.username,
        ...(spec.uid ? { uid: spec.uid } : {}),
        groups: spec.groups,
        ...(spec.extra ? { extra: spec.extra } : {}),
        resourceAttributes: { group, version: "*", resource: plural, subresource, verb: "create" },
      },
    },
    { signal },
  );
  return review.status?.allowed === true;
}

async function approve(request: Request, message: string, { client, signal }: ReconcileContext): Promise<void> {
  const condition = { type: "Approved", status: "True", reason: "AutoApproved", message };
  const conditions = [...(request.status?.conditions ?? []), condition];
  const approved = { ...request, status: { ...request.status, conditions } };
  await client.update(CertificateSigningRequest, approved, { subresource: "approval", signal });
}
