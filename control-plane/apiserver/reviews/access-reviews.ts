// "May he?": about somebody, about somebody within one namespace, and about oneself.

import type { FieldError } from "@atoll/api/kind";
import { invalidValue } from "@atoll/api/meta/field-error";
import type { KubeObject } from "@atoll/api/resource";
import { ApiError, invalid } from "@atoll/machinery/object/api-error";
import type { FieldRequirement } from "@atoll/machinery/object/field-selector";
import type { Attributes, Authorizer } from "../authorization/authorizer.ts";
import type { User } from "../request/request.ts";
import { defineReview, specOf } from "./review.ts";

const GROUP = "authorization.k8s.io";

interface ResourceAttributes {
  namespace?: string;
  verb?: string;
  group?: string;
  version?: string;
  resource?: string;
  subresource?: string;
  name?: string;
  fieldSelector?: { requirements?: { key: string; operator: string; values?: string[] }[] };
}

interface AccessSpec {
  resourceAttributes?: ResourceAttributes;
  nonResourceAttributes?: { path?: string; verb?: string };
}

interface SubjectSpec extends AccessSpec {
  user?: string;
  groups?: string[];
  uid?: string;
  extra?: Record<string, string[]>;
}

export const selfSubjectAccessReview = defineReview(
  { group: GROUP, kind: "SelfSubjectAccessReview", scope: "Cluster" },
  (body, { user }, { authorizer }) => {
    checkSpec("SelfSubjectAccessReview", specOf(body), []);
    return reviewAccess(specOf(body), user, authorizer);
  },
);

export const subjectAccessReview = defineReview(
  { group: GROUP, kind: "SubjectAccessReview", scope: "Cluster" },
  (body, _context, { authorizer }) => reviewSubject("SubjectAccessReview", body, authorizer),
);

export const localSubjectAccessReview = defineReview(
  { group: GROUP, kind: "LocalSubjectAccessReview", scope: "Namespaced" },
  (body, { info }, { authorizer }) => {
    const { resourceAttributes, nonResourceAttributes } = specOf<SubjectSpec>(body);
    if (nonResourceAttributes || (resourceAttributes?.namespace ?? "") !== info.namespace) {
      const asked = resourceAttributes?.namespace ?? "";
      throw new ApiError(
        "BadRequest",
        `spec.resourceAttributes.namespace must match namespace: ${JSON.stringify(asked)} is not ${JSON.stringify(info.namespace)}`,
      );
    }
    return reviewSubject("LocalSubjectAccessReview", body, authorizer);
  },
);

function reviewSubject(kind: string, body: KubeObject, authorizer: Authorizer): Promise<object> {
  const spec = specOf<SubjectSpec>(body);
  const { user: name = "", groups = [], uid, extra } = spec;
  const isNobody = name === "" && groups.length === 0;
  checkSpec(
    kind,
    spec,
    isNobody ? [invalidValue("spec.user", "", "at least one of user or group must be specified")] : [],
  );
  return reviewAccess(spec, { name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }, authorizer);
}

function checkSpec(kind: string, spec: AccessSpec, more: readonly FieldError[]): void {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const errors = [...more];
  if (resourceAttributes && nonResourceAttributes) {
    const text = "cannot be specified in combination with resourceAttributes";
    errors.push(invalidValue("spec.nonResourceAttributes", nonResourceAttributes, text));
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(invalidValue("spec.resourceAttributes", null, text));
  }
  if (errors.length === 0) return;
  const causes = errors.map(({ type, field, message }) => ({ reason: type, field, message }));
  throw invalid({ group: GROUP, name: kind }, "", causes);
}

async function reviewAccess(spec: AccessSpec, user: User, authorizer: Authorizer): Promise<object> {
  const decision = await authorizer.authorize(user, attributesOf(spec));
  const status = {
    allowed: decision.type === "allow",
    ...(decision.type === "deny" ? { denied: true } : {}),
    ...(decision.reason ? { reason: decision.reason } : {}),
  };
  return { status };
}

function attributesOf({ resourceAttributes: resource, nonResourceAttributes: path }: AccessSpec): Attributes {
  const fields = (resource?.fieldSelector?.requirements ?? []).flatMap(fieldRequirements);
  return {
    isResourceRequest: resource !== undefined,
    verb: resource?.verb ?? path?.verb ?? "",
    path: path?.path ?? "",
    group: resource?.group ?? "",
    version: resource?.version ?? "",
    namespace: resource?.namespace ?? "",
    resource: resource?.resource ?? "",
    subresource: resource?.subresource ?? "",
    name: resource?.name ?? "",
    ...(fields.length > 0 ? { fields } : {}),
  };
}

/** What an authorizer cannot use narrows nothing. */
function fieldRequirements(requirement: { key: string; operator: string; values?: string[] }): FieldRequirement[] {
  const [value, ...others] = requirement.values ?? [];
  if (value === undefined || others.length > 0) return [];
  if (requirement.operator === "In") return [{ field: requirement.key, operator: "Equals", value }];
  return requirement.operator === "NotIn" ? [{ field: requirement.key, operator: "NotEquals", value }] : [];
}
