// What is in the request's PEM block is checked by the server's admission, which can read it.

import { tableOf } from "@atoll/base/table-of";
import type { CertificateSigningRequest } from "../../generated/types.ts";
import type { FieldError } from "../../kind.ts";
import { duplicate, forbidden, invalidValue, isEqualJson, notSupported, required } from "../../meta/field-error.ts";
import { SIGNER, validateSignerName } from "../signer-name.ts";
import { APPROVED, DENIED, FAILED, conditionsOfType } from "./conditions.ts";
import { repeatedPlaces } from "../../meta/repeats.ts";

const USAGES = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const EXPIRATION_SECONDS_MIN = 600;
const EXCLUSIVE = "Approved and Denied conditions are mutually exclusive";
const STATUS = "status.conditions";
const CERTIFICATE = "status.certificate";

type Request = CertificateSigningRequest;

export function validateRequest(request: Request): FieldError[] {
  return validateFields(request, undefined);
}

export function validateRequestUpdate(request: Request, old: Request): FieldError[] {
  return [...validateFields(request, old), ...keptDecisions(request, old), ...keptCertificate(request, old)];
}

export function validateRequestStatus(request: Request, old: Request): FieldError[] {
  const isNew = !old.status?.certificate;
  const isSame = old.status?.certificate === request.status?.certificate;
  return [
    ...validateFields(request, old),
    ...keptDecisions(request, old),
    ...(isNew || isSame ? [] : [forbidden(CERTIFICATE, "updates may not modify existing certificate content")]),
  ];
}

export function validateRequestApproval(request: Request, old: Request): FieldError[] {
  return [...validateFields(request, old), ...keptConditions(request, old), ...keptCertificate(request, old)];
}

/** What is wrong with the old one already is not held against the new one. */
function validateFields({ spec, status }: Request, old: Request | undefined): FieldError[] {
  const usages = spec.usages ?? [];
  const errors = isRequestBlock(spec.request)
    ? []
    : [invalidValue("spec.request", spec.request, "PEM block type must be CERTIFICATE REQUEST")];
  if (usages.length === 0) errors.push(required("spec.usages"));
  const oldUsages = old?.spec.usages ?? [];
  for (const [index, usage] of usages.entries()) {
    if (!USAGES.includes(usage) && !oldUsages.includes(usage)) {
      errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    }
  }
  for (const index of old ? [] : repeatedPlaces(usages)) {
    const usage = usages[index];
    errors.push(duplicate(`spec.usages[${index}]`, usage));
  }
  const signerName = spec.signerName ?? "";
  if (signerName === SIGNER.legacyUnknown && old?.spec.signerName !== SIGNER.legacyUnknown) {
    const why = "the legacy signerName is not allowed via this API version";
    errors.push(invalidValue("spec.signerName", signerName, why));
  } else errors.push(...validateSignerName(signerName, "spec.signerName"));
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < EXPIRATION_SECONDS_MIN) {
    const why = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(invalidValue("spec.expirationSeconds", spec.expirationSeconds, why));
  }
  errors.push(...validateConditions(status?.conditions ?? []));
  const why = status?.certificate === old?.status?.certificate ? undefined : problemOfCertificate(status?.certificate);
  if (why !== undefined) errors.push(invalidValue(CERTIFICATE, "<certificate data>", why));
  return errors;
}

const OPPOSITES: Readonly<Record<string, string>> = tableOf({ [APPROVED]: DENIED, [DENIED]: APPROVED });

function validateConditions(conditions: NonNullable<NonNullable<Request["status"]>["conditions"]>): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { type, status }] of conditions.entries()) {
    const field = `${STATUS}[${index}]`;
    if (!type) errors.push(required(`${field}.type`));
    const allowed = [APPROVED, DENIED, FAILED].includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (!status) errors.push(required(`${field}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${field}.status`, status, allowed));
    const other = OPPOSITES[type];
    if (other !== undefined && seen.has(other)) errors.push(invalidValue(STATUS, type, EXCLUSIVE));
    if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    seen.add(type);
  }
  return errors;
}

const BLOCK = /-----BEGIN ([^-]*)-----\r?\n([^-]*?)-----END \1-----/g;

function isRequestBlock(base64: string | undefined): boolean {
  const [, type] = base64 ? (atob(base64).matchAll(BLOCK).next().value ?? []) : [];
  return type === "CERTIFICATE REQUEST";
}

/** What the issued certificate's PEM is not; undefined where it is sound. Its own bytes are the signer's affair. */
function problemOfCertificate(base64: string | undefined): string | undefined {
  if (!base64) return undefined;
  const blocks = [...atob(base64).matchAll(BLOCK)];
  if (blocks.length === 0) return "must contain at least one CERTIFICATE PEM block";
  for (const [, type = "", body = ""] of blocks) {
    if (type !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (body.includes(":")) return "no PEM block headers are permitted";
    if (!/^[A-Za-z0-9+/=\s]+$/.test(body) || !atob(body.replace(/\s/g, "")).startsWith("\x30")) {
      return "x509: malformed certificate";
    }
  }
  return undefined;
}

/** Nothing that was decided is taken back. */
function keptConditions(request: Request, old: Request): FieldError[] {
  return [APPROVED, DENIED, FAILED]
    .filter((type) => conditionsOfType(request, type).length < conditionsOfType(old, type).length)
    .map((type) => forbidden(STATUS, `updates may not remove a condition of type ${JSON.stringify(type)}`));
}

/** Deciding has a path of its own. */
function keptDecisions(request: Request, old: Request): FieldError[] {
  const errors = keptConditions(request, old);
  for (const type of [APPROVED, DENIED]) {
    const [before, after] = [conditionsOfType(old, type), conditionsOfType(request, type)];
    if (after.length > before.length) {
      errors.push(forbidden(STATUS, `updates may not add a condition of type ${JSON.stringify(type)}`));
    } else if (after.length === before.length && !isEqualJson(before, after)) {
      errors.push(forbidden(STATUS, `updates may not modify a condition of type ${JSON.stringify(type)}`));
    }
  }
  return errors;
}

function keptCertificate(request: Request, old: Request): FieldError[] {
  if ((request.status?.certificate ?? "") === (old.status?.certificate ?? "")) return [];
  return [forbidden(CERTIFICATE, "updates may not set certificate content")];
}
