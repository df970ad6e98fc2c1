// All reviews, and the way of one from its request to its answer.

import { formatTime } from "@atoll/base/clock";
import type { VirtualResource } from "../discovery/discovery.ts";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import type { DescribedKind } from "../openapi/operations.ts";
import { readEncoding } from "../output/output-form.ts";
import { valueResponse } from "../output/values.ts";
import type { RequestContext } from "../request/context.ts";
import type { ApiResponse } from "../request/request.ts";
import { localSubjectAccessReview, selfSubjectAccessReview, subjectAccessReview } from "./access-reviews.ts";
import { selfSubjectReview, tokenReview } from "./identity-reviews.ts";
import type { Review, ReviewEnvironment } from "./review.ts";
import { selfSubjectRulesReview } from "./rules-review.ts";

const REVIEWS: readonly Review[] = [
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
];

export const reviewResources: readonly VirtualResource[] = REVIEWS;

/** For who describes them. */
export const reviewKinds: readonly DescribedKind[] = REVIEWS.map(({ group, version, kind, plural, scope, schema }) => ({
  resource: { group, version, kind, plural, scope },
  verbs: ["create"],
  subresources: [],
  schema,
}));

/** Undefined: not a review. */
export async function respondReview(
  context: RequestContext,
  environment: ReviewEnvironment,
): Promise<ApiResponse | undefined> {
  const { group, version, resource, verb, name, namespace } = context.info;
  const found = REVIEWS.find(
    (entry) => entry.group === group && entry.version === version && entry.plural === resource,
  );
  if (!found || verb !== "create" || name !== "") return undefined;
  if ((namespace === "") !== (found.scope === "Cluster")) return undefined;
  const encoding = readEncoding(context.request.headers.accept);
  const expected = { apiVersion: `${group}/${version}`, kind: found.kind, schema: found.schema };
  const body = readObject(environment.model, expected, await parseBody(context.request, environment.model, expected), {
    fieldValidation: "Warn",
    warnings: context.warnings,
  });
  const answer = await found.answer(body, context, environment);
  const metadata = { creationTimestamp: formatTime(environment.clock.now()) };
  const reviewed = { ...body, kind: expected.kind, apiVersion: expected.apiVersion, metadata, ...answer };
  const { model } = environment;
  return valueResponse(201, reviewed, { encoding, model, schema: found.schema });
}
