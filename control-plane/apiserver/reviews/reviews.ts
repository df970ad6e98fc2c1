// All reviews, and the way of one from its request to its answer.

import { formatTime } from "@atoll/base/clock";
import { parseBody } from "../input/parse-body.ts";
import { readObject } from "../input/read-object.ts";
import { readEncoding } from "../output/output-form.ts";
import { valueResponse } from "../output/values.ts";
import type { RequestContext } from "../request/context.ts";
import type { ApiResponse } from "../request/request.ts";
import type { UnstoredResource } from "../unstored/unstored-resource.ts";
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

/** All of them, as resources. */
export function reviews(environment: ReviewEnvironment): UnstoredResource[] {
  return REVIEWS.map((review) => ({ ...review, respond: (context) => respondReview(review, context, environment) }));
}

async function respondReview(
  { group, version, kind, schema, answer }: Review,
  context: RequestContext,
  environment: ReviewEnvironment,
): Promise<ApiResponse> {
  const { model, clock } = environment;
  const encoding = readEncoding(context.request.headers.accept);
  const expected = { apiVersion: `${group}/${version}`, kind, schema };
  const body = readObject(model, expected, await parseBody(context.request, model, expected), {
    fieldValidation: "Warn",
    warnings: context.warnings,
  });
  const answered = await answer(body, context, environment);
  const metadata = { creationTimestamp: formatTime(clock.now()) };
  const reviewed = { ...body, kind, apiVersion: expected.apiVersion, metadata, ...answered };
  return valueResponse(201, reviewed, { encoding, model, schema });
}
