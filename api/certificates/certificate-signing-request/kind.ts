import type { CertificateSigningRequest as CertificateSigningRequestObject } from "../../generated/types.ts";
import { ALL_VERBS, type KindDefinition, STATUS_SUBRESOURCE } from "../../kind.ts";
import { formatAge, formatDuration } from "../../meta/age.ts";
import { AGE_COLUMN, NAME_COLUMN, NONE, textColumn } from "../../meta/columns.ts";
import type { Resource } from "../../resource.ts";
import { FAILED, conditionsOfType, isApproved, isDenied, keepDecisions } from "./conditions.ts";
import {
  validateRequest,
  validateRequestApproval,
  validateRequestStatus,
  validateRequestUpdate,
} from "./validation.ts";

export type CertificateSigningRequest = CertificateSigningRequestObject;

export const CertificateSigningRequest: Resource<CertificateSigningRequest> = {
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  scope: "Cluster",
};

function stateOf(request: CertificateSigningRequest): string {
  const decision = isDenied(request) ? "Denied" : isApproved(request) ? "Approved" : "Pending";
  const failed = conditionsOfType(request, FAILED).length > 0 ? ",Failed" : "";
  return `${decision}${failed}${request.status?.certificate ? ",Issued" : ""}`;
}

export const certificateSigningRequestKind: KindDefinition<CertificateSigningRequest> = {
  resource: CertificateSigningRequest,
  singular: "certificatesigningrequest",
  shortNames: ["csr"],
  categories: [],
  verbs: ALL_VERBS,
  subresources: [{ ...STATUS_SUBRESOURCE, name: "approval" }, STATUS_SUBRESOURCE],
  schema: "io.k8s.api.certificates.v1.CertificateSigningRequest",
  nameRule: "pathSegment",
  checksGenerateName: "never",
  hasStatus: true,
  countsGenerations: false,
  resetFields: {
    "": [["spec"], ["status"]],
    status: [["spec"], ["status", "conditions"]],
    approval: [["spec"], ["status", "certificate"]],
  },
  selectableFields: { "spec.signerName": ({ spec }) => spec?.signerName ?? "" },
  prepareForUpdate: (request, old) => {
    request.spec = old.spec;
  },
  validateCreate: validateRequest,
  validateUpdate: validateRequestUpdate,
  validateStatusUpdate: validateRequestStatus,
  prepareForStatusUpdate: keepDecisions,
  partialUpdates: {
    approval: {
      prepare: (request, old) => {
        request.spec = old.spec;
        const conditions = request.status?.conditions;
        request.status = { ...old.status, ...(conditions ? { conditions } : {}) };
        if (!conditions) delete request.status.conditions;
      },
      validate: validateRequestApproval,
    },
  },
  columns: [
    NAME_COLUMN,
    AGE_COLUMN,
    textColumn("SignerName", "Who is asked to sign."),
    textColumn("Requestor", "Who made the request."),
    textColumn("RequestedDuration", "How long the certificate should be valid."),
    textColumn("Condition", "What became of the request."),
  ],
  printRow: (request, nowMs) => [
    request.metadata.name ?? "",
    formatAge(request.metadata.creationTimestamp, nowMs),
    request.spec?.signerName || NONE,
    request.spec?.username ?? "",
    request.spec?.expirationSeconds === undefined ? NONE : formatDuration(request.spec.expirationSeconds),
    stateOf(request),
  ],
};
