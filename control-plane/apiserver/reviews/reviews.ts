// Questions that are sent as objects and answered in them, none of which is stored: who am I, may I, whose token is this.

import type { KubeObject } from "@atoll/api/resource";
import type { SchemaModel } from "@atoll/api/schema";
import { formatTime, type Clock } from "@atoll/base/clock";
import { hasReason } from "@atoll/machinery/object/api-error";
import type { BindingLookup, ServiceAccountTokens } from "../authentication/service-account-tokens.ts";
import type { Attributes, Authorizer } from "../authorization/authorizer.ts";
import type { VirtualResource } from "../discovery/discovery.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import type { RequestContext } from "../request/context.ts";
import type { RequestVerb } from "../request/request-info.ts";
import { type ApiResponse, jsonResponse, type User } from "../request/request.ts";

export interface ReviewEnvironment {
  readonly model: SchemaModel;
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
  readonly lookup: BindingLookup;
  readonly clock: Clock;
}

interface Review extends VirtualResource {
  readonly schema: string;
  answer(body: KubeObject, context: RequestContext, environment: ReviewEnvironment): Promise<object> | object;
}

const review = (group: string, kind: string, plural: string, answer: Review["answer"]): Review => ({
  group,
  version: "v1",
  kind,
  plural,
  singular: kind.toLowerCase(),
  scope: "Cluster",
  verbs: ["create"],
  schema: `io.k8s.api.${group.split(".")[0]}.v1.${kind}`,
  answer,
});

const REVIEWS: readonly Review[] = [
  review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", (_body, { user }) => ({
    status: { userInfo: userInfo(user) },
  })),
  review("authentication.k8s.io", "TokenReview", "tokenreviews", reviewToken),
  review("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", (body, { user }, environment) =>
    reviewAccess(body, user, environment),
  ),
  review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", (body, _context, environment) => {
    const { user = "", groups = [], uid = "" } = specOf<{ user?: string; groups?: string[]; uid?: string }>(body);
    return reviewAccess(body, { name: user, groups, uid }, environment);
  }),
];

export const reviewResources: readonly VirtualResource[] = REVIEWS;

/** Undefined: not a review. */
export async function respondReview(
  context: RequestContext,
  environment: ReviewEnvironment,
): Promise<ApiResponse | undefined> {
  const { group, version, resource, verb, name } = context.info;
  const found = REVIEWS.find(
    (entry) => entry.group === group && entry.version === version && entry.plural === resource,
  );
  if (!found || verb !== "create" || name !== "") return undefined;
  const expected = { apiVersion: `${group}/${version}`, kind: found.kind, schema: found.schema };
  const body = readObject(environment.model, expected, await parseBody(context.request, environment.model, expected), {
    fieldValidation: "Warn",
    warnings: context.warnings,
  });
  const answer = await found.answer(body, context, environment);
  const metadata = { creationTimestamp: formatTime(environment.clock.now()) };
  return jsonResponse(201, { ...body, kind: expected.kind, apiVersion: expected.apiVersion, metadata, ...answer });
}

interface AccessSpec {
  resourceAttributes?: Partial<
    Record<"namespace" | "verb" | "group" | "version" | "resource" | "subresource" | "name", string>
  >;
  nonResourceAttributes?: { path?: string; verb?: string };
}

async function reviewAccess(body: KubeObject, user: User, { authorizer }: ReviewEnvironment): Promise<object> {
  const { resourceAttributes, nonResourceAttributes } = specOf<AccessSpec>(body);
  const asked = resourceAttributes ?? nonResourceAttributes ?? {};
  const attributes: Attributes = {
    isResourceRequest: resourceAttributes !== undefined,
    verb: (asked.verb ?? "") as RequestVerb, // a word no rule has is simply not allowed
    path: nonResourceAttributes?.path ?? "",
    group: resourceAttributes?.group ?? "",
    version: resourceAttributes?.version ?? "",
    namespace: resourceAttributes?.namespace ?? "",
    resource: resourceAttributes?.resource ?? "",
    subresource: resourceAttributes?.subresource ?? "",
    name: resourceAttributes?.name ?? "",
  };
  const decision = await authorizer.authorize(user, attributes);
  const reason = decision.reason ? { reason: decision.reason } : {};
  return {
    status: { allowed: decision.type === "allow", ...(decision.type === "deny" ? { denied: true } : {}), ...reason },
  };
}

async function reviewToken(
  body: KubeObject,
  _context: RequestContext,
  environment: ReviewEnvironment,
): Promise<object> {
  const { token = "", audiences = [] } = specOf<{ token?: string; audiences?: string[] }>(body);
  const { tokens, lookup } = environment;
  const spec = { spec: { audiences } };
  try {
    const verified = await tokens.verify(token, audiences.length > 0 ? audiences : [tokens.issuer], lookup);
    const status = { authenticated: true, user: userInfo(verified.user), audiences: verified.audiences };
    return { ...spec, status };
  } catch (error) {
    if (!hasReason(error, "Unauthorized")) throw error;
    return { ...spec, status: { error: "the token is not valid" } };
  }
}

function specOf<Spec extends object>(body: KubeObject): Spec {
  return ("spec" in body ? body.spec : {}) as Spec; // decoded by the review's schema
}

function userInfo({ name, uid, groups, extra }: User): object {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
}
